import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { EvidenceSpan, Label } from '../core/coder/label.js';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

// Members, domains and indicators are data of a codebook: no table names one, no check lists one.

/** Who publishes. Mirrors `sources.yaml`; rows are never deleted because items point at them. */
export const sources = pgTable('sources', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  country: text('country'),
  language: text('language'),
  bloc: text('bloc').notNull(),
  family: text('family').notNull(),
  timezone: text('timezone'),
  removedAt: at('removed_at'),
});

/** One polled URL of a source: its configuration and everything remembered between polls. */
export const feeds = pgTable(
  'feeds',
  {
    id: text('id').primaryKey(),
    sourceId: text('source_id')
      .notNull()
      .references(() => sources.id),
    url: text('url').notNull(),
    host: text('host').notNull(),
    kind: text('kind').notNull(),
    everySeconds: integer('every_seconds').notNull(),
    options: jsonb('options').notNull().default({}),
    /** Poll group (cadence x host shard): one Temporal Schedule each. */
    groupId: text('group_id').notNull(),
    removedAt: at('removed_at'),
    paused: boolean('paused').notNull().default(false),
    mutedAt: at('muted_at'),
    etag: text('etag'),
    lastModified: text('last_modified'),
    validatorsSince: at('validators_since'),
    bodyDigest: text('body_digest'),
    entriesDigest: text('entries_digest'),
    nextDueAt: at('next_due_at'),
    lastPolledAt: at('last_polled_at'),
    lastSuccessAt: at('last_success_at'),
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    emptyPolls: integer('empty_polls').notNull().default(0),
    /** Oldest entry that the document last read still showed: how far back the feed's own memory reaches. */
    reachesBackTo: at('reaches_back_to'),
    movedTo: text('moved_to'),
    movedCount: integer('moved_count').notNull().default(0),
    movedLastAt: at('moved_last_at'),
    lastKind: text('last_kind'),
    lastReason: text('last_reason'),
    lastFault: text('last_fault'),
    lastDetail: text('last_detail'),
    lastStatus: integer('last_status'),
    lastRepairs: text('last_repairs').array().notNull().default(sql`'{}'::text[]`),
    lastFormat: text('last_format'),
    lastEncoding: text('last_encoding'),
  },
  (t) => [
    index('feeds_group').on(t.groupId),
    check('feeds_every_positive', sql`${t.everySeconds} > 0`),
    check('feeds_failures_not_negative', sql`${t.consecutiveFailures} >= 0`),
  ],
);

/** Retry-After holds for the whole host, whichever group its feeds are in. */
export const hosts = pgTable('hosts', {
  host: text('host').primaryKey(),
  nextAllowedAt: at('next_allowed_at').notNull(),
  reason: text('reason').notNull(),
});

/** Log of polls that changed or failed something; unchanged polls only move the feed row. */
export const polls = pgTable(
  'polls',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    feedId: text('feed_id')
      .notNull()
      .references(() => feeds.id),
    polledAt: at('polled_at').notNull(),
    kind: text('kind').notNull(),
    reason: text('reason'),
    fault: text('fault'),
    detail: text('detail'),
    status: integer('status'),
    entries: integer('entries').notNull(),
    added: integer('added').notNull(),
    revised: integer('revised').notNull(),
    repairs: text('repairs').array().notNull(),
  },
  // A retried chunk logs the same poll again: once is enough.
  (t) => [unique('polls_once').on(t.feedId, t.polledAt)],
);

/** Items that tell of the same act. */
export const stories = pgTable('stories', {
  id: uuid('id').primaryKey(),
  /** Day of its first report: the day it counts on. */
  day: date('day', { mode: 'string' }).notNull(),
  createdAt: at('created_at').notNull(),
});

/**
 * One entry of a feed as first seen. Nothing here ever changes but `revision`, the number of edits, whose contents are rows in
 * `revisions`, and the tombstone.
 */
export const items = pgTable(
  'items',
  {
    id: uuid('id').primaryKey(),
    sourceId: text('source_id')
      .notNull()
      .references(() => sources.id),
    feedId: text('feed_id')
      .notNull()
      .references(() => feeds.id),
    /** Strongest key at first sight, e.g. `guid:tag:example.org,2026:1`. */
    key: text('key').notNull(),
    title: text('title').notNull(),
    /** Canonical URL; `raw_url` is the feed's own. */
    url: text('url'),
    rawUrl: text('raw_url'),
    summary: text('summary').notNull(),
    language: text('language'),
    publishedAt: at('published_at'),
    publishedRaw: text('published_raw'),
    firstSeenAt: at('first_seen_at').notNull(),
    /** UTC day the item counts on: its publication day where that is credible, else the day it was first seen. */
    day: date('day', { mode: 'string' }).notNull(),
    storyId: uuid('story_id')
      .notNull()
      .references(() => stories.id),
    revision: integer('revision').notNull().default(0),
    /** Of the content in this row, revision 0. */
    fingerprint: text('fingerprint').notNull(),
    /** Removed here on purpose: stays as a tombstone, so that its return in a feed is not news. */
    removedAt: at('removed_at'),
    removedReason: text('removed_reason'),
  },
  (t) => [
    // The same entry in two feeds of one source, or twice in one feed, is one item.
    unique('items_source_key').on(t.sourceId, t.key),
    index('items_first_seen').on(t.firstSeenAt, t.id),
    index('items_day').on(t.day),
  ],
);

/** Every key an item is known by (see `core/identity/item-keys.ts`), so that a changed guid or address is the same item. */
export const itemKeys = pgTable(
  'item_keys',
  {
    sourceId: text('source_id').notNull(),
    key: text('key').notNull(),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    seenAt: at('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.key] }), index('item_keys_item').on(t.itemId)],
);

/** An edit of an item, as the feed showed it. Revision 0 is the item row itself. */
export const revisions = pgTable(
  'revisions',
  {
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    revision: integer('revision').notNull(),
    title: text('title').notNull(),
    summary: text('summary').notNull(),
    fingerprint: text('fingerprint').notNull(),
    seenAt: at('seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.itemId, t.revision] }),
    // Two processes that see the same edit store it once, and a text that comes back is no new edit.
    unique('revisions_content').on(t.itemId, t.fingerprint),
    check('revisions_from_one', sql`${t.revision} >= 1`),
  ],
);

/**
 * A stored label for one dyad. Append-only: what no longer holds gets `superseded_at`, so that `as_of` can show what was
 * known on a date. Attributes of the source are repeated because they are facts of that time.
 */
export const observations = pgTable(
  'observations',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    revision: integer('revision').notNull(),
    storyId: uuid('story_id')
      .notNull()
      .references(() => stories.id),
    sourceId: text('source_id').notNull(),
    feedId: text('feed_id').notNull(),
    bloc: text('bloc').notNull(),
    family: text('family').notNull(),
    language: text('language'),
    day: date('day', { mode: 'string' }).notNull(),
    indicator: text('indicator').notNull(),
    domain: text('domain').notNull(),
    polarity: smallint('polarity').notNull(),
    dyad: text('dyad').notNull(),
    participants: text('participants').array().notNull(),
    direction: text('direction'),
    status: text('status').notNull(),
    severity: smallint('severity').notNull(),
    confidence: real('confidence').notNull(),
    flags: text('flags').array().notNull(),
    rules: text('rules').array().notNull(),
    evidence: jsonb('evidence').$type<EvidenceSpan[]>().notNull(),
    coder: text('coder').notNull(),
    coderVersion: text('coder_version').notNull(),
    codebookVersion: text('codebook_version').notNull(),
    recordedAt: at('recorded_at').notNull(),
    supersededAt: at('superseded_at'),
    /** The decision that put this row here; null for what a coder said by itself. */
    reviewId: bigint('review_id', { mode: 'number' }).references((): AnyPgColumn => reviews.id),
  },
  (t) => [
    // Coding the same revision again with the same versions adds nothing, whichever process does it. Only among live rows: what
    // was superseded may come back (an older codebook, a decision undone) as a new row.
    uniqueIndex('observations_once')
      .on(t.itemId, t.revision, t.indicator, t.dyad, t.coder, t.coderVersion, t.codebookVersion)
      .where(sql`superseded_at is null`),
    index('observations_series').on(t.indicator, t.dyad, t.day).where(sql`superseded_at is null`),
    index('observations_dyad_day').on(t.dyad, t.day).where(sql`superseded_at is null`),
    index('observations_item').on(t.itemId),
    index('observations_story').on(t.storyId),
    index('observations_recorded').on(t.recordedAt),
    check('observations_status', sql`${t.status} in ('occurred', 'announced', 'alleged', 'denied')`),
    check('observations_polarity', sql`${t.polarity} in (1, -1)`),
    check('observations_severity', sql`${t.severity} between 1 and 5`),
    check('observations_confidence', sql`${t.confidence} between 0 and 1`),
    check('observations_two_participants', sql`cardinality(${t.participants}) >= 2`),
    // No label without words: a row without evidence is a bug of a coder, refused here.
    check('observations_evidence', sql`jsonb_array_length(${t.evidence}) >= 1`),
    check('observations_superseded_later', sql`${t.supersededAt} is null or ${t.supersededAt} >= ${t.recordedAt}`),
  ],
);

/**
 * What was decided about a label of an item: one row for each indicator and dyad that the decision speaks of. Append-only but for
 * `superseded_at`: a later decision about the same cell supersedes, an undo is a row too. The row without `superseded_at` is
 * the last word on its cell, and unless that is an undo, machine labels there are left out, whatever version codes the item.
 * Written by the functions `put_review` and `undo_review` (migrations) alone.
 */
export const reviews = pgTable(
  'reviews',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** UUIDv7 made by the caller: the same decision sent again changes nothing. */
    decisionId: uuid('decision_id').notNull(),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    /** Revision of the item's text that was decided on; when the item has a newer one, the decision wants a second look. */
    revision: integer('revision').notNull(),
    indicator: text('indicator').notNull(),
    dyad: text('dyad').notNull(),
    /**
     * `confirm`: the label is right; `reject`: it is wrong; `correct`: it is wrong in something, in its place stands the human
     * label of this cell or, when the cell itself was wrong, the `add` rows of the same decision; `add`: it was missing;
     * `undo`: the decision before does not hold any more.
     */
    verdict: text('verdict').notNull(),
    /** Whose word it is: `human` outranks `llm` outranks every other coder. */
    coder: text('coder').notNull(),
    coderVersion: text('coder_version').notNull(),
    codebookVersion: text('codebook_version').notNull(),
    author: text('author').notNull(),
    reason: text('reason').notNull(),
    /** The coder's label that was decided about; null when no coder had given one. */
    observationId: bigint('observation_id', { mode: 'number' }).references(() => observations.id),
    /** The decision on this cell that this one supersedes. */
    replaces: bigint('replaces', { mode: 'number' }).references((): AnyPgColumn => reviews.id),
    /** The decision that an undo put back in force by this row. */
    restores: bigint('restores', { mode: 'number' }).references((): AnyPgColumn => reviews.id),
    /** Random sample that the item was drawn in, e.g. `seed 7, 100 of 2026-01-01..2026-04-01`; null when the reviewer chose it. */
    sample: text('sample'),
    reviewedAt: at('reviewed_at').notNull(),
    supersededAt: at('superseded_at'),
  },
  (t) => [
    // Two who decide at once on one label: the later one supersedes the earlier, never both stand.
    uniqueIndex('reviews_last_word').on(t.itemId, t.indicator, t.dyad).where(sql`superseded_at is null`),
    unique('reviews_once').on(t.decisionId, t.indicator, t.dyad, t.verdict),
    index('reviews_item').on(t.itemId),
    index('reviews_time').on(t.reviewedAt),
    check('reviews_verdict', sql`${t.verdict} in ('confirm', 'reject', 'correct', 'add', 'undo')`),
    check('reviews_coder', sql`${t.coder} in ('human', 'llm')`),
    check('reviews_author', sql`length(${t.author}) between 1 and 100`),
    check('reviews_reason', sql`length(${t.reason}) between 1 and 1000`),
    check('reviews_sample', sql`length(${t.sample}) <= 200`),
    check('reviews_superseded_later', sql`${t.supersededAt} is null or ${t.supersededAt} >= ${t.reviewedAt}`),
  ],
);

/**
 * Day roll-up of live observations, kept in the transaction that writes them; equals a recount at any time.
 * `level` is `indicator` (code: its id), `domain` (code: its name), `dyad` (code: '') or `all` (code and dyad: '').
 * Aggregates count distinct items and stories: a story with two indicators of one domain counts once there.
 * `items` measures attention: every item with a live observation, on the item's day. `stories` measures acts: a story counts on
 * its own day (that of its first report) and only when some live observation of it is not `denied`: a denied report is no event.
 * Rows may stand at 0 and 0 after a retraction. Written by the function `roll_up` (migrations) alone.
 */
export const seriesDays = pgTable(
  'series_days',
  {
    day: date('day', { mode: 'string' }).notNull(),
    level: text('level').notNull(),
    code: text('code').notNull(),
    dyad: text('dyad').notNull(),
    polarity: smallint('polarity').notNull(),
    items: integer('items').notNull(),
    stories: integer('stories').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.day, t.level, t.code, t.dyad, t.polarity] }),
    index('series_days_series').on(t.level, t.code, t.dyad, t.day),
    check('series_days_level', sql`${t.level} in ('indicator', 'domain', 'dyad', 'all')`),
    check('series_days_not_negative', sql`${t.items} >= 0 and ${t.stories} >= 0`),
  ],
);

/** Coverage ledger: how well each feed was really read on each UTC day. A day without a row was not observed. */
export const coverageDays = pgTable(
  'coverage_days',
  {
    day: date('day', { mode: 'string' }).notNull(),
    feedId: text('feed_id')
      .notNull()
      .references(() => feeds.id),
    successes: integer('successes').notNull(),
    failures: integer('failures').notNull(),
    /** New items first seen on that day, relevant or not. */
    items: integer('items').notNull(),
    firstSuccessAt: at('first_success_at'),
    lastSuccessAt: at('last_success_at'),
    /** Oldest entry that a success of that day still showed: how far back the feed's own memory reaches. */
    reachesBackTo: at('reaches_back_to'),
  },
  (t) => [primaryKey({ columns: [t.feedId, t.day] }), index('coverage_days_day').on(t.day)],
);

/** Cells whose counts moved and whose alert rules are still to be evaluated; written with the observations, so none is lost. */
export const dirtyCells = pgTable(
  'dirty_cells',
  {
    indicator: text('indicator').notNull(),
    dyad: text('dyad').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    markedAt: at('marked_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.indicator, t.dyad, t.day] })],
);

/** A rule that fired for one series and window; keeps the numbers it was raised with. */
export const alerts = pgTable(
  'alerts',
  {
    id: uuid('id').primaryKey(),
    ruleId: text('rule_id').notNull(),
    kind: text('kind').notNull(),
    level: text('level').notNull(),
    code: text('code').notNull(),
    dyad: text('dyad').notNull(),
    /** What makes a second firing the same alert, e.g. the day the episode began. */
    episode: text('episode').notNull(),
    severity: text('severity').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    raisedAt: at('raised_at').notNull(),
    /** Counts, thresholds and words as raised. */
    facts: jsonb('facts').notNull(),
    acknowledgedAt: at('acknowledged_at'),
    acknowledgedBy: text('acknowledged_by'),
  },
  (t) => [unique('alerts_episode').on(t.ruleId, t.level, t.code, t.dyad, t.episode)],
);

/** Transactional outbox: one alert to one channel for one transition, with every attempt's last word. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: uuid('id').primaryKey(),
    alertId: uuid('alert_id').notNull(),
    channelId: text('channel_id').notNull(),
    transition: text('transition').notNull(),
    state: text('state').notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: at('next_attempt_at').notNull(),
    createdAt: at('created_at').notNull(),
    sentAt: at('sent_at'),
    reason: text('reason'),
    detail: text('detail'),
    status: integer('status'),
  },
  (t) => [
    foreignKey({ columns: [t.alertId], foreignColumns: [alerts.id] }),
    unique('deliveries_once').on(t.alertId, t.channelId, t.transition),
    index('deliveries_pending').on(t.nextAttemptAt).where(sql`state = 'pending'`),
    check('deliveries_state', sql`${t.state} in ('pending', 'sent', 'failed')`),
  ],
);

/**
 * What a second coder (a language model) said of an item. Never counted anywhere: a decision drawn from it is a row in `reviews`.
 * Items that it was not asked about have a row too (`no-pair`, `withheld`), so that nobody looks at them again.
 */
export const opinions = pgTable(
  'opinions',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    revision: integer('revision').notNull(),
    model: text('model').notNull(),
    instructionsVersion: text('instructions_version').notNull(),
    outcome: text('outcome').notNull(),
    /** Why there are no labels. */
    reason: text('reason'),
    /** What the model wrote. */
    answer: text('answer'),
    /** Labels that passed the gate, with their words. */
    labels: jsonb('labels').$type<Label[]>().notNull(),
    /** Labels that did not, counted by reason. */
    dropped: jsonb('dropped').$type<Record<string, number>>().notNull(),
    tokensIn: integer('tokens_in'),
    tokensOut: integer('tokens_out'),
    /** Millionths of the currency of the prices. */
    costMicros: bigint('cost_micros', { mode: 'number' }).notNull(),
    attempts: smallint('attempts').notNull().default(1),
    askedAt: at('asked_at').notNull(),
    /** Version of the rules whose uncertain labels it was last used to decide about. */
    decidedWith: text('decided_with'),
  },
  (t) => [
    // One opinion of one model told one thing about one text: asking again would pay twice for the same.
    unique('opinions_once').on(t.itemId, t.revision, t.model, t.instructionsVersion),
    index('opinions_by').on(t.model, t.instructionsVersion, t.outcome),
    check(
      'opinions_outcome',
      sql`${t.outcome} in ('answered', 'refused', 'malformed', 'cut', 'withheld', 'no-pair', 'failed')`,
    ),
    check('opinions_cost', sql`${t.costMicros} >= 0`),
  ],
);

/** The books of the second coder by UTC month: a call is counted at its highest price before it is made. */
export const opinionMonths = pgTable(
  'opinion_months',
  {
    month: text('month').primaryKey(),
    calls: integer('calls').notNull(),
    spentMicros: bigint('spent_micros', { mode: 'number' }).notNull(),
  },
  (t) => [
    check('opinion_months_month', sql`${t.month} ~ '^\\d{4}-\\d{2}$'`),
    check('opinion_months_not_negative', sql`${t.calls} >= 0 and ${t.spentMicros} >= 0`),
  ],
);

/** Codebooks that ever coded something here, so that an old observation can still be explained. */
export const codebooks = pgTable('codebooks', {
  version: text('version').primaryKey(),
  content: jsonb('content').notNull(),
  recordedAt: at('recorded_at').notNull(),
});

/**
 * Runs that code stored history again, with how far each is. The truth about a run: its position is written in the transaction that
 * writes the labels, so that whoever goes on with it, after whatever end, codes every item once.
 */
export const recodings = pgTable(
  'recodings',
  {
    id: uuid('id').primaryKey(),
    state: text('state').notNull(),
    /** Half-open range of the days that items count on; null is open. */
    fromDay: date('from_day', { mode: 'string' }),
    toDay: date('to_day', { mode: 'string' }),
    coder: text('coder').notNull(),
    coderVersion: text('coder_version').notNull(),
    codebookVersion: text('codebook_version').notNull(),
    /** Everything the coder is built from, as JSON text (`jsonb` would forget the order); null once the run is done. */
    codebookData: text('codebook_data'),
    /** Items up to this one are done; ids are in the order of time. */
    doneTo: uuid('done_to'),
    /** Newest item when the run began: what is polled later was coded by whoever polled it. */
    untilItem: uuid('until_item'),
    total: integer('total').notNull(),
    items: integer('items').notNull().default(0),
    broken: integer('broken').notNull().default(0),
    observations: integer('observations').notNull().default(0),
    gained: integer('gained').notNull().default(0),
    lost: integer('lost').notNull().default(0),
    status: integer('status').notNull().default(0),
    requestedAt: at('requested_at').notNull(),
    endedAt: at('ended_at'),
    reason: text('reason'),
  },
  (t) => [
    // Two runs at once would supersede each other's labels.
    uniqueIndex('recodings_one_running').on(t.state).where(sql`state = 'running'`),
    index('recodings_requested').on(t.requestedAt),
    check('recodings_state', sql`${t.state} in ('running', 'done', 'cancelled', 'failed')`),
    check('recodings_data_while_open', sql`${t.codebookData} is not null or ${t.state} = 'done'`),
  ],
);

/** What a run moved: cells of items that gained or lost a label, or whose label has another status. The labels are observations. */
export const recodingMoves = pgTable(
  'recoding_moves',
  {
    recodingId: uuid('recoding_id')
      .notNull()
      .references(() => recodings.id),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    indicator: text('indicator').notNull(),
    dyad: text('dyad').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    kind: text('kind').notNull(),
    beforeId: bigint('before_id', { mode: 'number' }).references(() => observations.id),
    afterId: bigint('after_id', { mode: 'number' }).references(() => observations.id),
  },
  (t) => [
    // An item is coded once in a run: a second move of a cell is a bug, refused here.
    primaryKey({ columns: [t.recodingId, t.itemId, t.indicator, t.dyad] }),
    check(
      'recoding_moves_kind',
      sql`${t.kind} = case when ${t.beforeId} is null then 'gained' when ${t.afterId} is null then 'lost' else 'status' end`,
    ),
  ],
);

/** Small facts of the installation: the demo world's clock, the newest program version that wrote here. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
});
