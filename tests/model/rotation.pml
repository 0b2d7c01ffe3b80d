/*
 * Copyright (c) 2026, the fleetops.usersync contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A new secret in five steps (mint, prove, deliver, confirm, retire), checked for every interleaving.
 * README.md says what is assumed; run.py says which instances and which mutants are checked.
 *
 * An entry is a line of an inventory: a host at an address. As a rule each entry is a host and a holder of its own;
 * the worlds ONE_HOST, ONE_NAME, MOVED and CLONE say otherwise, and there run 1 is the first fleet, run 2 the second.
 *
 * Parameters: ENTRIES, RUNS (at once), KIND0..KIND2, LAG (how many writes to a holder's
 * credentials a read may be behind; 0, 1, 2), TAG_LAG (the same for the tags; 0, 1).
 */
#ifndef ENTRIES
#define ENTRIES 1
#define RUNS  2
#define LAG   1
#define TAG_LAG 1
#define KIND0 RENEWED
#define KIND1 RENEWED
#define KIND2 RENEWED
#endif

#define RENEWED  0              /* holds an own secret */
#define TAKEOVER 1              /* set up by hand: holds a foreign secret, no own credential */
#define FRESH    2              /* holds no secret yet */
#define STRANGER 3              /* another inventory's entry for a host that has its secret already */

#ifdef ONE_HOST                 /* two holders (two addresses, two sites) of one host */
#define TWO_FLEETS
#define HOST(e)   0
#endif
#ifdef MOVED                    /* entry 0: the former address of the host, entry 1: its address now */
#define TWO_FLEETS
#define FORMER
#define HOST(e)   0
#define GONE(e)   ((e) == 0)    /* nobody's clean run serves it any more */
#endif
#ifdef CLONE                    /* host 1 is a copy of host 0, its secret included */
#define TWO_FLEETS
#endif
#ifdef ONE_NAME                 /* one address of two hosts with different ids: one tag, credentials apart */
#define TWO_FLEETS
#define TAG(e)    0
#endif
#ifdef NAMED_BY_INVENTORY       /* =mutant: credentials of two hosts under one name */
#define SPACE(e)  0
#endif
#ifndef HOST
#define HOST(e)   (e)
#endif
#ifndef TAG
#define TAG(e)    (e)
#endif
#ifndef SPACE                   /* holder and fingerprint: whose credentials count as own */
#define SPACE(e)  (e)
#endif
#ifndef GONE
#define GONE(e)   false
#endif
#ifdef TWO_FLEETS
#define SERVED    (clean && !GONE(h) || !clean && h == me - 1)
#else
#define SERVED    true
#endif

/*
 * Credentials of one holder: 0 is old, run r mints r, its spare is SPARE(r), its second attempt AGAIN(r).
 * SECOND is the old one of a second host under the same name. All except FOREIGN are own.
 */
#define CLEAN      (RUNS + 1)
#define SPARE(r)   (RUNS + 1 + (r))
#define FOREIGN    (2 * RUNS + 3)
#define AGAIN(r)   (FOREIGN + (r))
#define SECOND     14
#define NOTHING    255
#define BIT(i)     (1 << (i))
#define OWN        (32767 & ~BIT(FOREIGN))
#define SPARES     ((BIT(FOREIGN) - 1) & ~(BIT(RUNS + 2) - 1))
#define YOUNG      (OWN & ~SPARES & ~BIT(0) & ~BIT(SECOND))
#define SINGLE(x)  ((x) != 0 && ((x) & ((x) - 1)) == 0)
#define SETTLED(x) (SINGLE(x) && !((x) & SPARES))

/* What a host holds is a credential and the holder under whose name it was minted. */
#define CODE(e, c) (SPACE(e) * 16 + (c))
#define KEY(code)  ((code) & 15)
#define LIVE(c)    ((live[SPACE(h)] & BIT(c)) != 0)
#define ALIVE(code) ((code) == NOTHING || (live[(code) >> 4] & BIT(KEY(code))) != 0)
#define HELD       holds[HOST(h)]
#define WORKS      (HELD != NOTHING && ALIVE(HELD))

mtype = { sees, waited, mints_spare, mints, sends, unanswered, stopped, late, confirms, refused, retires, drops, dies,
          takes_up };
#define SAY(what, c)  printf("run %d, entry %d: %e %d\n", me, h, what, c)
#define CRASH        atomic { !clean && h < ENTRIES -> die(); goto done }
#ifdef ONE_GIVES_UP
#define MAY_GIVE_UP  (!clean && h == 0)
#else
#define MAY_GIVE_UP  (!clean)
#endif
#ifndef CLAIM_CLOSED            /* =skip: only the other claims are made */
#define CLAIM_CLOSED  assert(closed)
#endif
#ifndef CLAIM_MENDED
#define CLAIM_MENDED  assert(mended)
#endif

byte alive, ended, gave_up;
bool cleaning;
bool rule1 = true, closed = true, mended = true, quiet = true;

#include "directory.pml"
#include "host.pml"
#include "run.pml"

inline begin(entry, kind) {
  live[SPACE(entry)] = live[SPACE(entry)] | BIT(FOREIGN);
  if
#ifdef NAMED_BY_INVENTORY
  :: kind == RENEWED && entry == 1 -> live[0] = live[0] | BIT(SECOND); holds[1] = CODE(1, SECOND)
  :: kind == RENEWED && entry == 0 -> live[0] = live[0] | BIT(0); holds[0] = CODE(0, 0)
#else
  :: kind == RENEWED -> live[entry] = live[entry] | BIT(0); holds[entry] = CODE(entry, 0)
#endif
  :: kind == TAKEOVER -> holds[entry] = CODE(entry, FOREIGN)
  :: kind == FRESH -> holds[entry] = NOTHING
  :: kind == STRANGER ->
#ifdef CLONE
     holds[entry] = CODE(0, 0)
#else
     holds[entry] = NOTHING
#endif
  fi;
  uses[entry] = holds[entry]
}

init {
  byte k, h;
  atomic {
    begin(0, KIND0);
#if ENTRIES > 1
    begin(1, KIND1);
#endif
#if ENTRIES > 2
    begin(2, KIND2);
#endif
#ifdef RESTORED
    last[0] = good; held = BIT(0);
#endif
    settle(); k = 1;
    do
    :: k <= RUNS -> alive = alive | BIT(k); run Run(k, false); k++
    :: else -> k = 0; break
    od
  };
  atomic {
    alive == 0 -> cleaning = true;
#ifdef STOPPABLE
    mended = gave_up != 0 || WORKS; CLAIM_MENDED;
#endif
    settle(); alive = BIT(CLEAN); run Run(CLEAN, true)
  };
  atomic {
    ended == RUNS + 1 && ARRIVED -> h = 0;
    do
    :: h < ENTRIES && GONE(h) -> h++
    :: h < ENTRIES && !GONE(h) ->
       closed = SETTLED(live[SPACE(h)] & OWN) && WORKS && KEY(HELD) != FOREIGN && LIVE(FOREIGN) && !(tags & (MARK | NOTES));
       CLAIM_CLOSED;
#ifdef RESTORED
       quiet = !NEEDS(live[SPACE(h)] & OWN, tags);
       assert(quiet);
#endif
       h++
    :: else -> break
    od
  }
}
