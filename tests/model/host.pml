/*
 * Copyright (c) 2026, the fleetops.usersync contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hosts, and the network between the runs and them.
 */
byte holds[ENTRIES];            /* the secret stored in the host; only some hosts show which */
byte uses[ENTRIES];             /* the secret that work under way in the host logs in with */
short sending[ENTRIES];         /* secrets whose deliver passed its check and has not ended */
short adrift[ENTRIES];          /* those whose sender gave up or died, and second copies: they may still arrive */
short expired[ENTRIES];         /* secrets whose delivery window is over */
byte departed[ENTRIES];             /* runs that will not come back to this entry */
byte excused;                   /* hosts that the world, not the protocol, gave a dead secret */

#ifdef NAMED_BY_INVENTORY
#define UNDER_WAY  (sending[0] | sending[1] | adrift[0] | adrift[1])
#else
#define UNDER_WAY  (sending[h] | adrift[h])
#endif
#if defined(FORMER) && !defined(FORMER_WITHOUT_WAIT)
#define FORMER_OVER  (((sending[0] | adrift[0]) & former) == 0)
#else
#define FORMER_OVER  true
#endif
#ifndef WATCHED                 /* =alive: death ends a deliver */
#define WATCHED  OWN
#endif
#ifndef TOO_LATE                /* =false: no delivery window */
#define TOO_LATE  ((expired[h] & BIT(id)) != 0)
#endif

/* A clone lives on its original's secret until it gets one of its own. */
#ifdef CLONE
#define BORROWED(x, code)  ((x) == 1 && (code) < 16)
#else
#define BORROWED(x, code)  false
#endif
#define ALRIGHT(x) ((excused & BIT(x)) || (ALIVE(holds[x]) || BORROWED(x, holds[x])) \
                   && (ALIVE(uses[x]) || BORROWED(x, uses[x])))

inline claim_rule1() { rule1 = ALRIGHT(0) && ALRIGHT(ENTRIES - 1) && ALRIGHT(ENTRIES / 2); assert(rule1) }

#ifdef RESTORED
mtype = { unknown, good, bad };
mtype last[ENTRIES];            /* the last sync: good only where it is younger than the newest own secret */
short held;                     /* what host 0 has held: a backup may bring it back */
byte busy;                      /* runs that are at work: nobody restores a host under them */
byte restores;
#define SYNCED(how)    last[h] = how
#define REMEMBER(c)    held = held | BIT(c)
#define ENTER          inside = true; busy++
#define LEAVE          if :: busy > 0 && inside -> busy-- :: else fi; inside = false
#ifdef MINT_ON_OLD_SYNC
#define NEEDS(own, journal)  (((journal) & MARK) || !SETTLED(own) || last[h] != good)
#elif defined(TRUST_OLD_SYNC)
#define NEEDS(own, journal)  (((journal) & MARK) || !SETTLED(own) || last[h] == bad)
#else                           /* an old sync is a reason to sync, and a login that fails in it to mint */
#define NEEDS(own, journal)  (((journal) & MARK) || !SETTLED(own) || last[h] == bad || last[h] == unknown && !WORKS)
#endif
#else
#define SYNCED(how)    skip
#define REMEMBER(c)    skip
#define ENTER          skip
#define LEAVE          skip
#define NEEDS(own, journal)  (((journal) & MARK) || !SETTLED(own) || !WORKS)
#endif
#ifdef TAKES_UP
short before[CLEAN + 1];        /* for each secret: those whose window was over when it was minted */
short proofs;                   /* secrets whose delivery the host's own list of syncs still proves */
#ifdef ANY_SYNC_PROVES
#define PROVEN(c)  ((known & ~SPARES & ~BIT(c) & ~before[c]) == 0)
#elif defined(OTHERS_DO_NOT_MATTER)
#define PROVEN(c)  ((proofs & BIT(c)) != 0)
#else
#define PROVEN(c)  ((proofs & BIT(c)) != 0 && (known & ~SPARES & ~BIT(c) & ~before[c]) == 0)
#endif
#endif

/* Work that starts in the host before the secret changes goes on with the one before. */
inline store(c) {
  if
  :: uses[HOST(h)] = HELD
  :: skip
  fi;
  printf("entry %d: the host stores %d\n", h, c);
  HELD = CODE(h, c); REMEMBER(c);
  if
  :: excused & BIT(HOST(h)) -> uses[HOST(h)] = HELD; excused = excused & ~BIT(HOST(h))
  :: else
  fi;
  claim_rule1()
}

inline let_drift() { adrift[h] = adrift[h] | (sending[h] & (BIT(me) | BIT(AGAIN(me)))); sending[h] = sending[h] & ~adrift[h] }

/*
 * When the last run has left an entry, its own state shows whether it needs work, tag or no tag. Nobody reads its
 * history again, so that is dropped and states meet; PROJECT keeps no more than "needs work" or "is done" (README).
 */
inline close_history() {
#ifndef TWO_FLEETS
  if
  :: departed[h] == RUNS && UNDER_WAY == 0 && !cleaning ->
     closed = LIVE(FOREIGN) && (!SETTLED(live[h] & OWN) || !WORKS || KEY(HELD) != FOREIGN);
     CLAIM_CLOSED;
#ifdef PROJECT
     if
     :: SETTLED(live[h] & OWN) && WORKS -> live[h] = BIT(FOREIGN) | BIT(0); HELD = CODE(h, 0)
     :: else -> live[h] = BIT(FOREIGN) | BIT(0) | BIT(1); HELD = CODE(h, 1)
     fi;
     uses[h] = HELD;
#endif
     SETTLE(h); expired[h] = 0
  :: else
  fi
#else
  skip
#endif
}

#define ARRIVED  (adrift[0] == 0 && adrift[ENTRIES - 1] == 0 && adrift[ENTRIES / 2] == 0)

inline arrive() {
  k = 0;
  do
  :: adrift[h] & BIT(k) -> break
  :: else -> k++
  od;
  if
  :: store(k)
  :: skip
  fi;
#ifdef SENT_AGAIN               /* the network, or a middlebox, may have more than one copy */
  if
  :: adrift[h] = adrift[h] & ~BIT(k)
  :: skip
  fi;
#else
  adrift[h] = adrift[h] & ~BIT(k);
#endif
  close_history(); h = 0; k = 0
}

/* What was sent arrives, or is lost, after its sender gave up or died. */
active proctype Network()
{
  byte h, k;

end:
  do
  :: atomic { adrift[0] != 0 -> arrive() }
#if ENTRIES > 1
  :: atomic { adrift[1] != 0 -> h = 1; arrive() }
#endif
#if ENTRIES > 2
  :: atomic { adrift[2] != 0 -> h = 2; arrive() }
#endif
#ifdef RESTORED
  :: atomic {
       busy == 0 && restores == 0 && held != 0 && !cleaning && ARRIVED -> restores++;
       if
       :: held & BIT(0) -> k = 0
       :: held & BIT(1) -> k = 1
       :: held & BIT(2) -> k = 2
       fi;
       printf("entry 0: the host is restored and holds %d\n", k);
       holds[0] = CODE(0, k); uses[0] = holds[0]; last[0] = unknown; excused = 1; k = 0;
#ifdef TAKES_UP
       proofs = 0
#endif
     }
#endif
  od
}
