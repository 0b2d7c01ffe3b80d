/*
 * Copyright (c) 2026, the fleetops.usersync contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The directory: one app, and what each part of it was one and two writes ago; reads may mix these at will.
 */
short live[ENTRIES], live1[ENTRIES], live2[ENTRIES];
short tags, tags1;

#define MARK       BIT(TAG(h))
#ifdef TAKES_UP                 /* the journal also says which secret was delivered, and which sync is to prove it */
#define NOTE(c)    BIT(ENTRIES + (c))
#define NOTES      (32767 & ~(BIT(ENTRIES) - 1))
#else
#define NOTES      0
#endif

/* One patch replaces all tags. It re-applies what this run itself decided, whatever the read showed. */
#ifdef FORGETFUL_TAGS
#define TAGS  ((journal | (marked & MARK)) & ~(undone & MARK))
#else
#define TAGS  ((journal & ~undone) | marked)
#endif

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
  :: k < ENTRIES -> SETTLE(k); k++
  :: else -> k = 0; break
  od;
  AGE_TAGS
}

inline read(what, space) {
  if
  :: what = live[space]
#if LAG >= 1
  :: what = live1[space]
#endif
#if LAG >= 2
  :: what = live2[space]
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

inline add(c) { AGE(SPACE(h)); live[SPACE(h)] = live[SPACE(h)] | BIT(c) }

inline remove(space, c) {
  if
  :: live[space] & BIT(c) -> AGE(space); live[space] = live[space] & ~BIT(c); claim_rule1()
  :: else
  fi
}
