/*
 * Copyright (c) 2026, the fleetops.usersync contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run of the playbook over the entries of its inventory.
 */
inline leave() { LEAVE; departed[h]++; close_history() }

#define NOT_SENDING  sending[h] = sending[h] & ~BIT(id)

inline die() {
  SAY(dies, 0); gave_up = 1; let_drift(); known = 0; spare = 0; unseen = 0; late_write = 0; id = 0; former = 0; once = 0;
  do
  :: h < ENTRIES -> leave(); h++
  :: else -> break
  od
}

proctype Run(byte me; bool clean)
{
  byte h, k, j, id;
  short known, seen, former, journal, marked, undone;
  bool spare, unseen, late_write, inside, once;

  do
  :: h == ENTRIES -> break
  :: CRASH
  :: h < ENTRIES && !SERVED -> goto next
  :: h < ENTRIES && SERVED && MAY_GIVE_UP -> gave_up = 1; goto next      /* not in the limit or slice of this run */
  :: atomic {
       h < ENTRIES && SERVED -> id = me; ENTER;
begin: read(seen, SPACE(h)); read_tags(); known = seen & OWN;
       spare = (known == 0 && HELD != NOTHING && id == me);
       if
       :: clean && id == me && !NEEDS(known, journal) ->
          if
          :: WORKS -> SYNCED(good)
          :: else
          fi;
          seen = 0; journal = 0; goto next
       :: else
       fi;
#ifdef FORMER
       /* A secret of the former address, where this very host shows it. */
       if
       :: h == 1 -> read(seen, 0); former = seen & OWN;
#ifndef FORMER_WITHOUT_HINT
          if
          :: HELD < 16 && (former & BIT(KEY(HELD))) -> former = BIT(KEY(HELD))
          :: else -> former = 0
          fi
#endif
       :: else
       fi;
#endif
       SAY(sees, known); seen = 0;
#ifdef TAKES_UP
       if
       :: k = 1;
          do
          :: k <= CLEAN && !once && (known & BIT(k)) && (journal & NOTE(k)) && PROVEN(k) -> break
          :: k > CLEAN -> break
          :: else -> k++
          od;
          if
          :: k <= CLEAN -> SAY(takes_up, k); id = k; spare = 0; known = known & ~BIT(k); k = 0; journal = 0; goto confirm
          :: else -> k = 0
          fi
       :: skip
       fi;
#endif
       journal = 0;
       if
#ifndef NO_WAIT
       :: known & YOUNG
#endif
#if defined(FORMER) && !defined(FORMER_WITHOUT_WAIT)
       :: former & YOUNG
#endif
#ifdef SPARE_HIDES_SECRET
       :: known & SPARES -> goto mint
#endif
       :: else -> goto mint
       fi
     };
     /* Somebody may be at work: let the window of every young secret that was seen run out. */
     if
     :: CRASH
     :: atomic {
          (UNDER_WAY & known & WATCHED) == 0 && FORMER_OVER ->
#if defined(FORMER) && !defined(FORMER_WITHOUT_WAIT)
          expired[0] = expired[0] | (former & YOUNG);
#endif
          expired[h] = expired[h] | (known & YOUNG); SAY(waited, known & YOUNG)
        }
     fi;

mint:
     read_tags();
     if
     :: CRASH
     :: atomic {
          marked = marked | MARK; undone = undone & ~MARK; WRITE_TAGS;
          if
#ifndef NO_SPARE
          :: spare
#endif
          :: else -> goto mint_secret
          fi
        }
     fi;
     if
     :: CRASH
     :: atomic { SAY(mints_spare, SPARE(me)); add(SPARE(me)) }
     fi;
mint_secret:
     if
     :: CRASH
     :: atomic {
          add(id); SAY(mints, id);
#ifdef TAKES_UP
          before[id] = expired[h] | BIT(0) | SPARES;
#endif
#ifdef RESTORED
          if
          :: last[h] == good -> last[h] = unknown
          :: else
          fi;
#endif
          if
          :: skip
          :: MAY_GIVE_UP -> gave_up = 1; goto next           /* the answer is lost: a secret nobody knows */
          :: MAY_GIVE_UP -> gave_up = 1; goto drop_orphan    /* and the run may find it by its name */
          fi
        }
     fi;

#ifdef FORMER_SEEN_LATE         /* =mutant: the hint is read with the connector that is about to be written */
     atomic {
       if
       :: h == 1 && HELD < 16 -> former = live[0] & OWN & BIT(KEY(HELD))
       :: else -> former = 0
       fi
     };
#endif
prove:                                          /* it only looks, so it is one step with the check of the window */
deliver:
     if
     :: CRASH
     :: atomic { !LIVE(id) || TOO_LATE -> gave_up = 1; goto next }
     :: atomic { LIVE(id) && !TOO_LATE -> SAY(sends, id); sending[h] = sending[h] | BIT(id) }
#ifdef STOPPABLE                /* the process is stopped right here, and nobody's wait knows of it */
     :: atomic { LIVE(id) && !TOO_LATE && id == me && !clean -> SAY(stopped, id); late_write = 1 }
#endif
     fi;
#ifdef UNREAD_COUNTS
     atomic { marked = marked | NOTE(id); proofs = proofs | BIT(id); read_tags(); WRITE_TAGS };
#endif
send:
     if
     :: CRASH
     :: atomic { MAY_GIVE_UP && !late_write -> SAY(unanswered, id); gave_up = 1; let_drift(); goto next }   /* or the host is down */
#ifdef SENT_AGAIN               /* the host answers 429, or the answer is lost: the layer below tries again */
#ifdef UNCHECKED_REPEAT
     :: atomic { !clean -> SAY(unanswered, id); NOT_SENDING; goto send }
#else
     :: atomic { !clean -> SAY(unanswered, id); let_drift(); goto deliver }
#endif
#endif
#ifdef DROP_AFTER_SENT
     :: atomic { MAY_GIVE_UP -> NOT_SENDING; store(id); goto drop_orphan }
#endif
#ifdef STOPPABLE                /* its write ends after the window, which its own clock shows */
     :: atomic {
          late_write -> SAY(late, id); excused = excused | BIT(HOST(h)); HELD = CODE(h, id); uses[HOST(h)] = HELD;
          late_write = 0;
#ifndef NO_LOOK_AFTERWARDS
          goto again
#endif
        }
#endif
     :: atomic {
          !late_write -> NOT_SENDING; store(id);
#ifdef SENT_AGAIN               /* the middlebox sent it twice; the second copy takes its time */
          if
          :: !clean -> adrift[h] = adrift[h] | BIT(id)
          :: skip
          fi;
#endif
#ifdef RETIRE_BEFORE_CONFIRM
          goto retire
#endif
        }
     fi;
#if defined(TAKES_UP) && !defined(UNREAD_COUNTS)
     /* The delivery was read back and a sync has begun: the journal says so, for a run that comes later. */
     read_tags();
     if
     :: CRASH
     :: atomic { KEY(HELD) == id -> marked = marked | NOTE(id); proofs = proofs | BIT(id); WRITE_TAGS }
     :: atomic { KEY(HELD) != id -> journal = 0 }
     fi;
#endif

confirm:
     if
     :: CRASH
     :: MAY_GIVE_UP -> gave_up = 1; goto next   /* the host is down, or its proof fails */
#ifdef ANY_SYNC_CONFIRMS
     :: SAY(confirms, HELD)
#else
     :: atomic { ALIVE(HELD) -> SAY(confirms, HELD); uses[HOST(h)] = HELD; SYNCED(good) }
#ifdef RESTORED
     :: atomic { ALIVE(HELD) -> SAY(confirms, HELD); uses[HOST(h)] = HELD }      /* an update of one user */
#endif
#endif
     :: atomic { !ALIVE(HELD) -> SAY(refused, HELD); SYNCED(bad); goto again }
     fi;

retire:
     atomic {
       read(seen, SPACE(h));
       if
       :: spare -> known = known | BIT(SPARE(me)); spare = 0
       :: else
       fi;
       unseen = (seen & OWN & ~known & ~BIT(id)) != 0;
#ifdef RETIRE_ALL_OTHERS
       known = seen & OWN & ~BIT(id);
#endif
#ifdef RETIRE_ONLY_SEEN
       known = known & seen;
#endif
#ifdef RETIRE_FOREIGN
       known = known | BIT(FOREIGN);
#endif
       seen = 0
     };
#if defined(FORMER) || defined(RETIRE_BY_PREFIX)
     do
#ifdef RETIRE_BY_PREFIX         /* "usersync:jira" also begins the names of jira2, and of the other host at the address */
     :: atomic { !clean && (live[1 - h] & BIT(0)) -> SAY(retires, 0); remove(1 - h, 0) }
     :: clean || !(live[1 - h] & BIT(0)) -> break
#else
     :: former == 0 -> break
     :: CRASH
     :: atomic {
          former != 0 -> j = 0;
          do
          :: former & BIT(j) -> break
          :: else -> j++
          od;
          SAY(retires, j); remove(0, j); former = former & ~BIT(j); j = 0
        }
#endif
     od;
#endif
     do
     :: known == 0 && unseen -> goto next       /* others are left: the mark stays */
     :: known == 0 && !unseen -> break
     :: CRASH
     :: atomic {
          known != 0 -> j = 0;
          do
          :: known & BIT(j) -> break
          :: else -> j++
          od;
          SAY(retires, j); remove(SPACE(h), j); known = known & ~BIT(j); j = 0
        }
     od;
     read_tags();
     if
     :: CRASH
     :: atomic { marked = marked & ~(MARK | NOTES); undone = undone | MARK | NOTES; WRITE_TAGS }
     fi;
     goto next;

again:                                          /* what was delivered does not serve: read anew and renew once more */
#if defined(STOPPABLE) && !defined(NO_SECOND_ATTEMPT)
     if
     :: atomic { id == me && !clean -> id = AGAIN(me); known = 0; goto begin }
     :: else -> goto next
     fi;
#elif defined(TAKES_UP)         /* an earlier run's delivery proved nothing: mint in this same run */
     if
     :: atomic { id != me -> id = me; known = 0; once = true; goto begin }
     :: else -> goto next
     fi;
#else
     goto next;
#endif

drop_orphan:
     if
     :: CRASH
     :: atomic { SAY(drops, id); remove(SPACE(h), id) }
     fi;

next:
     atomic { leave(); known = 0; spare = 0; unseen = 0; id = 0; former = 0; once = 0; h++ }
  od;
done:
  atomic { h = 0; marked = 0; undone = 0; alive = alive & ~BIT(me); ended++ }
}
