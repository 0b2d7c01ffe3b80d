# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make chaos``: kill set-up and rotation at every request, spoil every request, race, and search for secrets.

A *point* is one disturbance of one run of a real playbook on a simulated fleet, then a clean run, then one more. What
is asserted comes from the simulator's own state and journal (``verdict.py``), never from what the play says:

* at every instant every host that had worked before held a secret that the tenant accepted;
* a host's old secret went only after the host itself had logged in with a newer one;
* in the end each holder has one own credential, its host holds just this one, nothing is pending, nothing is orphaned;
* all foreign things are as they were: credentials, tags, redirect URIs, permissions, grants, settings of connectors;
* a further run changes nothing and writes nothing;
* no secret, password or token stands in anything that the runs left (``search.py``).

Names of points: ``kill/<scenario>/<before|after|orphans>/<k>`` (the caller dies at its k-th request: before it is
carried out; after it, unanswered; or the caller alone dies, after it, while its workers live on), ``kill/twice/...``
(the next run dies too), ``fault/<kind>``, ``pair/<seed>``, ``race/<runs>x<hosts>``, ``race/killed-...`` (one of two
dies), ``race/machines`` (a process for each host, no folder shared), ``leak/...``, ``broken/...`` (a collection spoilt
on purpose, which must be found); and

* ``fleets/...``: two fleets of four hosts with the same names in one tenant. One of them dies at a request of set-up,
  forced renewal or remove while the other's hosts synchronise.
* ``beside/...``: 429 and 503 at each write while a second run is at work.
* ``twice/...``: a middlebox sends a write twice.
* ``stopped/...``: the caller is stopped for longer than the delivery window.
* ``restored/...``: a backup brings a host back to the state before its renewal.
* ``users/failed``: single users fail in the sync.
* ``planted/...``: secrets that only a user, a host, a proxy or an answer knows, looked for in all that the runs leave:
  output at ``-vvvv --diff``, results as callbacks keep them, junit, facts, variables of hosts, backups, reports,
  temporary files, the tenant's own objects. ``planted/without-<cure>``: the same by a collection that lacks the cure.

How to read ``build/chaos.json``:

``points``
    tried, survived, and left (when the time was over; ``--resume`` tries only these and those that failed).
``parts``
    The same per part, with the requests that the disturbed and the following runs made, and the seconds of all
    points together (several run side by side, so they add up to more than ``seconds``).
``worst_overlap``
    The most live own secrets that one holder had at any instant: 2 in an undisturbed rotation, one more for each run
    that died after its mint, or that ran at the same time.
``more_runs``
    Points where the clean run had to be repeated because the delivery window of its new secret was over;
    nothing was lost there. It says that the machine was too slow for the short window of these tests.
``leaks``
    What was searched: places, bytes, different secrets; found must be 0, except where ``planted`` says that the
    search found what was put there for it.
``failures``
    One entry for each point that did not survive: its name and what was wrong, in sentences.
"""
