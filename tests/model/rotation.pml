/*
 * Copyright (c) 2026, the fleetops.usersync contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A new secret in five steps (mint, prove, deliver, confirm, retire), checked for every interleaving.
 * README.md says what is assumed; run.py says which instances and which mutants are checked.
 *
 * Parameters: HOSTS, RUNS (at once), KIND0..KIND2, LAG (how many writes to a holder's
 * credentials a read may be behind; 0, 1, 2), TAG_LAG (the same for the tags; 0, 1).
 */
#ifndef HOSTS
#define HOSTS 1
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

/* Credentials of one holder: 0 is old, run r mints r, its spare is SPARE(r). All below FOREIGN are own. */
#define CLEAN      (RUNS + 1)
#define SPARE(r)   (RUNS + 1 + (r))
#define FOREIGN    (2 * RUNS + 3)
#define NOTHING    15
#define BIT(i)     (1 << (i))
#define OWN        (BIT(FOREIGN) - 1)
#define SPARES     (OWN & ~(BIT(RUNS + 2) - 1))
#define YOUNG      (BIT(RUNS + 2) - 2)
#define SINGLE(x)  ((x) != 0 && ((x) & ((x) - 1)) == 0)
#define LIVE(c)    ((live[h] & BIT(c)) != 0)
#define WORKS      (holds[h] != NOTHING && LIVE(holds[h]))
#define SETTLED(x) (SINGLE(x) && !((x) & SPARES))

/* One patch replaces all tags. It re-applies what this run itself decided, whatever the read showed. */
#ifdef FORGETFUL_TAGS
#define TAGS  ((journal | (marked & BIT(h))) & ~(undone & BIT(h)))
#else
#define TAGS  ((journal & ~undone) | marked)
#endif

#ifndef WATCHED                 /* =alive: death ends a deliver */
#define WATCHED  OWN
#endif
mtype = { sees, waited, mints_spare, mints, sends, unanswered, confirms, retires, drops, dies };
#define SAY(what, c)  printf("run %d, holder %d: %e %d\n", me, h, what, c)
#define CRASH        atomic { !clean && h < HOSTS -> die(); goto done }
#ifdef ONE_GIVES_UP
#define MAY_GIVE_UP  (!clean && h == 0)
#else
#define MAY_GIVE_UP  (!clean)
#endif
#ifndef TOO_LATE                /* =false: no lease */
#define TOO_LATE  ((expired[h] & BIT(me)) != 0)
#endif
#ifndef CLAIM_CLOSED            /* =skip: only rule1 is claimed */
#define CLAIM_CLOSED  assert(closed)
#endif

/* The directory: one app, and what each part of it was one and two writes ago; reads may mix these at will. */
short live[HOSTS], live1[HOSTS], live2[HOSTS];
byte tags, tags1;

byte holds[HOSTS];              /* the secret stored in the host; no run can read which */
byte uses[HOSTS];               /* the secret that work under way in the host logs in with */
byte window[HOSTS];             /* secrets whose deliver passed its check and has not ended */
byte expired[HOSTS];            /* secrets whose lease is over */
byte adrift[HOSTS];             /* those of them whose sender gave up or died: they may still arrive */
byte left[HOSTS];               /* runs that will not come back to this holder */
byte alive, ended;
bool cleaning;
bool rule1 = true, closed = true;

#if LAG >= 2
#define AGE(x)     live2[x] = live1[x]; live1[x] = live[x]
#define SETTLE(x)  live2[x] = live[x]; live1[x] = live[x]
#elif LAG == 1
#define AGE(x)     live1[x] = live[x]
#define SETTLE(x)  live1[x] = live[x]
#else
#define AGE(x)     skip
#define SETTLE(x)  skip
#endif
#if TAG_LAG == 1
#define AGE_TAGS   tags1 = tags
#else
#define AGE_TAGS   skip
#endif
#ifdef SKIP_SAME_TAGS
#define WRITE_TAGS if :: TAGS == journal :: else -> AGE_TAGS; tags = TAGS fi; journal = 0
#else
#define WRITE_TAGS AGE_TAGS; tags = TAGS; journal = 0
#endif

inline settle() {
  k = 0;
  do
  :: k < HOSTS -> SETTLE(k); k++
  :: else -> k = 0; break
  od;
  AGE_TAGS
}

inline read() {
  if
  :: seen = live[h]
#if LAG >= 1
  :: seen = live1[h]
#endif
#if LAG >= 2
  :: seen = live2[h]
#endif
  fi
}

inline read_tags() {
  if
  :: journal = tags
#if TAG_LAG == 1
  :: journal = tags1
#endif
  fi
}

inline claim_rule1() {
  rule1 = (holds[h] == NOTHING || LIVE(holds[h])) && (uses[h] == NOTHING || LIVE(uses[h]));
  assert(rule1)
}

inline remove(c) {
  if
  :: LIVE(c) -> AGE(h); live[h] = live[h] & ~BIT(c); claim_rule1()
  :: else
  fi
}

/* Work that starts in the host before the secret changes goes on with the one before. */
inline store(c) {
  if
  :: uses[h] = holds[h]
  :: skip
  fi;
  printf("holder %d: the host stores %d\n", h, c); holds[h] = c; window[h] = window[h] & ~BIT(c); claim_rule1()
}

inline let_drift() { adrift[h] = adrift[h] | (window[h] & BIT(me)) }

/*
 * When the last run has left a holder, its own state shows whether it needs work, tag or no tag. Nobody reads its
 * history again, so that is dropped and states meet; PROJECT keeps no more than "needs work" or "is done" (README).
 */
inline close_history() {
  if
  :: left[h] == RUNS && window[h] == 0 && !cleaning ->
     closed = LIVE(FOREIGN) && (!SETTLED(live[h] & OWN) || !WORKS || holds[h] < FOREIGN);
     CLAIM_CLOSED;
#ifdef PROJECT
     if
     :: SETTLED(live[h] & OWN) && WORKS -> live[h] = BIT(FOREIGN) | BIT(0); holds[h] = 0
     :: else -> live[h] = BIT(FOREIGN) | BIT(0) | BIT(1); holds[h] = 1
     fi;
     uses[h] = holds[h];
#endif
     SETTLE(h); expired[h] = 0
  :: else
  fi
}

#define ARRIVED  (adrift[0] == 0 && adrift[HOSTS - 1] == 0 && adrift[HOSTS / 2] == 0)

inline arrive() {
  k = 0;
  do
  :: adrift[h] & BIT(k) -> break
  :: else -> k++
  od;
  if
  :: store(k)
  :: window[h] = window[h] & ~BIT(k)
  fi;
  adrift[h] = adrift[h] & ~BIT(k);
  close_history(); h = 0; k = 0
}

inline leave() { left[h]++; close_history() }

inline die() {
  SAY(dies, 0); let_drift(); known = 0; spare = 0; unseen = 0;
  do
  :: h < HOSTS -> leave(); h++
  :: else -> break
  od
}

proctype Run(byte me; bool clean)
{
  byte h, k, j, journal, marked, undone;
  short known, seen;
  bool spare, unseen;

  do
  :: h == HOSTS -> break
  :: CRASH
  :: h < HOSTS && MAY_GIVE_UP -> goto next      /* not in the limit or slice of this run */
  :: atomic {
       h < HOSTS -> read(); read_tags(); known = seen & OWN; spare = (known == 0 && holds[h] != NOTHING);
       if
       :: clean && !(journal & BIT(h)) && SETTLED(known) && WORKS -> seen = 0; journal = 0; goto next
       :: else
       fi;
       SAY(sees, known); seen = 0; journal = 0;
       if
#ifndef NO_WAIT
       :: known & YOUNG
#endif
#ifdef SPARE_HIDES_SECRET
       :: known & SPARES -> goto mint
#endif
       :: else -> goto mint
       fi
     };
     /* Somebody may be at work: let the lease of every young secret that was seen run out. */
     if
     :: CRASH
     :: atomic {
          (window[h] & known & WATCHED) == 0 -> expired[h] = expired[h] | (known & YOUNG); SAY(waited, known & YOUNG)
        }
     fi;

mint:
     read_tags();
     if
     :: CRASH
     :: atomic {
          marked = marked | BIT(h); undone = undone & ~BIT(h); WRITE_TAGS;
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
     :: atomic { SAY(mints_spare, SPARE(me)); AGE(h); live[h] = live[h] | BIT(SPARE(me)) }
     fi;
mint_secret:
     if
     :: CRASH
     :: atomic {
          AGE(h); live[h] = live[h] | BIT(me); SAY(mints, me);
          if
          :: skip
          :: MAY_GIVE_UP -> goto next           /* the answer is lost: a secret nobody knows */
          :: MAY_GIVE_UP -> goto drop_orphan    /* and the run may find it by its name */
          fi
        }
     fi;

prove:                                          /* it only looks, so it is one step with the check of the lease */
deliver:
     if
     :: CRASH
     :: atomic { !LIVE(me) || TOO_LATE -> goto next }
     :: atomic { LIVE(me) && !TOO_LATE -> SAY(sends, me); window[h] = window[h] | BIT(me) }
     fi;
     if
     :: CRASH
     :: atomic { MAY_GIVE_UP -> SAY(unanswered, me); let_drift(); goto next }   /* or the host is down */
#ifdef DROP_AFTER_SENT
     :: atomic { MAY_GIVE_UP -> store(me); goto drop_orphan }
#endif
     :: atomic {
          store(me);
#ifdef RETIRE_BEFORE_CONFIRM
          goto retire
#endif
        }
     fi;

confirm:
     if
     :: CRASH
     :: MAY_GIVE_UP -> goto next                /* the host is down, or its proof fails */
     :: atomic { LIVE(holds[h]) -> SAY(confirms, holds[h]); uses[h] = holds[h] }
     :: !LIVE(holds[h]) -> goto next
     fi;

retire:
     atomic {
       read();
       if
       :: spare -> known = known | BIT(SPARE(me)); spare = 0
       :: else
       fi;
       unseen = (seen & OWN & ~known & ~BIT(me)) != 0;
#ifdef RETIRE_ALL_OTHERS
       known = seen & OWN & ~BIT(me);
#endif
#ifdef RETIRE_ONLY_SEEN
       known = known & seen;
#endif
#ifdef RETIRE_FOREIGN
       known = known | BIT(FOREIGN);
#endif
       seen = 0
     };
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
          SAY(retires, j); remove(j); known = known & ~BIT(j); j = 0
        }
     od;
     read_tags();
     if
     :: CRASH
     :: atomic { marked = marked & ~BIT(h); undone = undone | BIT(h); WRITE_TAGS }
     fi;
     goto next;

drop_orphan:
     if
     :: CRASH
     :: atomic { SAY(drops, me); remove(me) }
     fi;

next:
     atomic { leave(); known = 0; spare = 0; unseen = 0; h++ }
  od;
done:
  atomic { h = 0; marked = 0; undone = 0; alive = alive & ~BIT(me); ended++ }
}

/* What was sent arrives, or is lost, after its sender gave up or died. */
active proctype Network()
{
  byte h, k;

end:
  do
  :: atomic { adrift[0] != 0 -> arrive() }
#if HOSTS > 1
  :: atomic { adrift[1] != 0 -> h = 1; arrive() }
#endif
#if HOSTS > 2
  :: atomic { adrift[2] != 0 -> h = 2; arrive() }
#endif
  od
}

inline begin(host, kind) {
  live[host] = BIT(FOREIGN); holds[host] = NOTHING;
  if
  :: kind == RENEWED -> live[host] = live[host] | BIT(0); holds[host] = 0
  :: kind == TAKEOVER -> holds[host] = FOREIGN
  :: kind == FRESH
  fi;
  uses[host] = holds[host]
}

init {
  byte k, h;
  atomic {
    begin(0, KIND0);
#if HOSTS > 1
    begin(1, KIND1);
#endif
#if HOSTS > 2
    begin(2, KIND2);
#endif
    settle(); k = 1;
    do
    :: k <= RUNS -> alive = alive | BIT(k); run Run(k, false); k++
    :: else -> k = 0; break
    od
  };
  atomic { alive == 0 -> cleaning = true; settle(); alive = BIT(CLEAN); run Run(CLEAN, true) };
  atomic {
    ended == RUNS + 1 && ARRIVED -> h = 0;
    do
    :: h < HOSTS ->
       closed = SETTLED(live[h] & OWN) && WORKS && holds[h] < FOREIGN && LIVE(FOREIGN) && tags == 0;
       CLAIM_CLOSED; h++
    :: else -> break
    od
  }
}
