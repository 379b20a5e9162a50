import type { Fragment } from 'postgres';
import type { CoderInput, Label } from '../core/coder/label.js';
import type { CellLabel } from '../core/review/decision.js';
import type { Tokens } from '../core/second-coder/cost.js';
import type { Band } from '../core/second-coder/decide.js';
import type { DropReason } from '../core/second-coder/gate.js';
import type { Sql } from './client.js';
import { jsonText } from './json-text.js';

/**
 * What became of an item: `answered`; `refused` by the model or a filter; `malformed` (no JSON, another shape); `cut` at the length
 * limit; `withheld` (the text talks to a machine, so it was not sent); `no-pair` (no two members named, so not sent); `failed`
 * (no answer, for a reason that lies with this item).
 */
export const OPINION_OUTCOMES = ['answered', 'refused', 'malformed', 'cut', 'withheld', 'no-pair', 'failed'] as const;
export type OpinionOutcome = (typeof OPINION_OUTCOMES)[number];

/** Who gives an opinion: a model told by one version of the instructions. */
export interface Opinionist {
  model: string;
  instructionsVersion: string;
}

/** An item that the second coder has not coded yet. */
export interface UncodedItem {
  itemId: string;
  revision: number;
  input: CoderInput;
}

export interface NewOpinion {
  itemId: string;
  revision: number;
  outcome: OpinionOutcome;
  /** Why there are no labels, or null. */
  reason: string | null;
  /** What the model wrote, or null when it was not asked. */
  answer: string | null;
  labels: Label[];
  dropped: Partial<Record<DropReason, number>>;
  tokens: Tokens | null;
  costMicros: number;
  askedAt: Date;
}

export interface PickQuery extends Opinionist {
  /** Items first seen since. */
  since: Date;
  /** A failed item is tried again when its last try lies before this. */
  retryBefore: Date;
  limit: number;
}

/** An item that failed is tried so often in all. */
const MAX_ATTEMPTS = 3;

async function pick(sql: Sql, query: PickQuery, condition: Fragment): Promise<UncodedItem[]> {
  const { model, instructionsVersion, since, retryBefore, limit } = query;
  const rows = await sql<PickedRow[]>`
    select i.id as "itemId", i.revision, coalesce(r.title, i.title) as title, coalesce(r.summary, i.summary) as summary, i.language,
      i.source_id as source, s.country, s.bloc, i.published_at as "publishedAt"
    from items i join sources s on s.id = i.source_id
      left join revisions r on r.item_id = i.id and r.revision = i.revision
    where i.removed_at is null and i.first_seen_at >= ${since} and ${condition}
      and not exists (select from opinions o
        where (o.item_id, o.revision, o.model, o.instructions_version) = (i.id, i.revision, ${model}, ${instructionsVersion})
          and not (o.outcome = 'failed' and o.attempts < ${MAX_ATTEMPTS} and o.asked_at < ${retryBefore}))
    order by i.first_seen_at desc, i.id desc
    limit ${limit}`;
  return rows.map(({ itemId, revision, ...input }) => ({ itemId, revision, input }));
}

interface PickedRow extends CoderInput {
  itemId: string;
  revision: number;
}

/** Items without an opinion of this opinionist, newest first; the same part of all items every time, chosen by their ids. */
export function pickSample(sql: Sql, query: PickQuery & { share: number }): Promise<UncodedItem[]> {
  const condition = sql`mod(hashtextextended(i.id::text, 0) & 1048575, 10000) < ${Math.round(query.share * 10_000)}`;
  return pick(sql, query, condition);
}

/** Items without an opinion that carry a label of the rules whose confidence lies in the band, newest first. */
export function pickUncertain(sql: Sql, query: PickQuery & { band: Band }): Promise<UncodedItem[]> {
  const { least, most } = query.band;
  const condition = sql`exists (select from observations o where o.item_id = i.id and o.superseded_at is null and o.coder = 'rules'
    and o.confidence between ${least}::real and ${most}::real)`;
  return pick(sql, query, condition);
}

/** Stores opinions; one that is there already stays, except that a failed one gives way. Returns how many were written. */
export async function storeOpinions(
  sql: Sql,
  { model, instructionsVersion }: Opinionist,
  opinions: readonly NewOpinion[],
): Promise<number> {
  const rows = opinions.map(({ itemId, tokens, costMicros, askedAt, ...rest }) => ({
    item_id: itemId,
    tokens_in: tokens?.input ?? null,
    tokens_out: tokens?.output ?? null,
    cost_micros: costMicros,
    asked_at: askedAt,
    ...rest,
  }));
  const written = await sql`
    insert into opinions as o (item_id, revision, model, instructions_version, outcome, reason, answer, labels, dropped, tokens_in,
      tokens_out, cost_micros, asked_at)
    select item_id, revision, ${model}, ${instructionsVersion}, outcome, reason, answer, labels, dropped, tokens_in, tokens_out,
      cost_micros, asked_at
    from jsonb_to_recordset(${jsonText(rows)}::text::jsonb) as n(item_id uuid, revision integer, outcome text, reason text, answer text,
      labels jsonb, dropped jsonb, tokens_in integer, tokens_out integer, cost_micros bigint, asked_at timestamptz)
    on conflict (item_id, revision, model, instructions_version) do update set outcome = excluded.outcome,
      reason = excluded.reason, answer = excluded.answer, labels = excluded.labels, dropped = excluded.dropped,
      tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out, cost_micros = o.cost_micros + excluded.cost_micros,
      asked_at = excluded.asked_at, attempts = o.attempts + 1
    where o.outcome = 'failed' and o.asked_at < excluded.asked_at`;
  return written.count;
}

/** What the calls of a month have cost so far, those on their way included at their highest price. */
export interface MonthUse {
  month: string;
  calls: number;
  spentMicros: number;
}

export async function readMonth(sql: Sql, month: string): Promise<MonthUse> {
  const [row] = await sql<Array<{ calls: number; spent: string }>>`
    select calls, spent_micros::text as spent from opinion_months where month = ${month}`;
  return { month, calls: row?.calls ?? 0, spentMicros: Number(row?.spent ?? 0) };
}

/**
 * Counts a call before it is made, at the most it can cost. False, and nothing counted, when it would break a limit. One statement,
 * so that several processes cannot pass the limit together.
 */
export async function reserveCall(
  sql: Sql,
  month: string,
  micros: number,
  limits: { calls: number | null; micros: number | null },
): Promise<boolean> {
  const { calls, micros: most } = limits;
  const counted = await sql`
    insert into opinion_months as m (month, calls, spent_micros)
    select ${month}, 1, ${micros}::bigint
    where (${calls}::integer is null or ${calls}::integer >= 1) and (${most}::bigint is null or ${micros}::bigint <= ${most}::bigint)
    on conflict (month) do update set calls = m.calls + 1, spent_micros = m.spent_micros + excluded.spent_micros
    where (${calls}::integer is null or m.calls + 1 <= ${calls}::integer)
      and (${most}::bigint is null or m.spent_micros + excluded.spent_micros <= ${most}::bigint)`;
  return counted.count === 1;
}

/** Puts the real cost in place of the one counted before the call; `isMade` false takes the call itself back as well. */
export async function settleCall(
  sql: Sql,
  month: string,
  { reservedMicros, costMicros, isMade }: { reservedMicros: number; costMicros: number; isMade: boolean },
): Promise<void> {
  await sql`update opinion_months set spent_micros = greatest(0, spent_micros + ${costMicros - reservedMicros}::bigint),
    calls = greatest(0, calls - ${isMade ? 0 : 1}) where month = ${month}`;
}

/** Stores an opinion and what it cost in one transaction. */
export async function storePaidOpinion(
  sql: Sql,
  who: Opinionist,
  opinion: NewOpinion,
  { month, reservedMicros }: { month: string; reservedMicros: number },
): Promise<void> {
  await sql.begin(async (tx) => {
    const inside = tx as unknown as Sql;
    await storeOpinions(inside, who, [opinion]);
    await settleCall(inside, month, { reservedMicros, costMicros: opinion.costMicros, isMade: true });
  });
}

/** A live label of the rules, one dyad of it, as JSON gives it. */
export interface LiveRow extends CellLabel {
  indicator: string;
  dyad: string;
}

export interface UndecidedOpinion {
  id: number;
  itemId: string;
  revision: number;
  labels: Label[];
  dropped: Partial<Record<DropReason, number>>;
  rows: LiveRow[];
}

/**
 * Opinions on the newest text of items that carry an uncertain label of the rules, not yet used for what these rules
 * (`decidedWith`) say. With the live rows in the band.
 */
export async function listUndecided(
  sql: Sql,
  {
    model,
    instructionsVersion,
    band,
    decidedWith,
    limit,
  }: Opinionist & { band: Band; decidedWith: string; limit: number },
): Promise<UndecidedOpinion[]> {
  return sql<UndecidedOpinion[]>`
    select o.id, o.item_id as "itemId", o.revision, o.labels, o.dropped, json_agg(json_build_object('indicator', l.indicator,
      'domain', l.domain, 'polarity', l.polarity, 'dyad', l.dyad, 'participants', l.participants, 'direction', l.direction,
      'status', l.status, 'severity', l.severity, 'confidence', l.confidence, 'flags', l.flags, 'rules', l.rules,
      'evidence', l.evidence) order by l.indicator, l.dyad) as rows
    from opinions o join items i on i.id = o.item_id and i.revision = o.revision and i.removed_at is null
      join observations l on l.item_id = o.item_id and l.superseded_at is null and l.coder = 'rules' and l.revision = o.revision
        and l.confidence between ${band.least}::real and ${band.most}::real
    where o.model = ${model} and o.instructions_version = ${instructionsVersion} and o.outcome = 'answered'
      and o.decided_with is distinct from ${decidedWith}
    group by o.id order by o.id limit ${limit}`;
}

/** Notes that the opinion was used for what the rules of this version say. */
export async function markDecided(sql: Sql, id: number, decidedWith: string): Promise<void> {
  await sql`update opinions set decided_with = ${decidedWith} where id = ${id}`;
}

export interface ComparedOpinion {
  itemId: string;
  input: CoderInput;
  labels: Label[];
}

/** Answered opinions with the text they are about, newest first. */
export async function listAnswered(
  sql: Sql,
  { model, instructionsVersion }: Opinionist,
  limit: number,
): Promise<ComparedOpinion[]> {
  const rows = await sql<Array<PickedRow & { labels: Label[] }>>`
    select i.id as "itemId", o.revision, coalesce(r.title, i.title) as title, coalesce(r.summary, i.summary) as summary, i.language,
      i.source_id as source, s.country, s.bloc, i.published_at as "publishedAt", o.labels
    from opinions o join items i on i.id = o.item_id join sources s on s.id = i.source_id
      left join revisions r on r.item_id = i.id and r.revision = o.revision
    where o.model = ${model} and o.instructions_version = ${instructionsVersion} and o.outcome = 'answered' and i.removed_at is null
      and i.revision = o.revision
    order by o.id desc limit ${limit}`;
  return rows.map(({ itemId, revision: _, labels, ...input }) => ({ itemId, labels, input }));
}

export interface OpinionistRow extends Opinionist {
  opinions: Record<string, number>;
  lastAskedAt: Date;
}

/** Everybody who ever gave an opinion here, the last first, with the number of opinions by outcome. */
export async function listOpinionists(sql: Sql): Promise<OpinionistRow[]> {
  return sql<OpinionistRow[]>`
    select model, instructions_version as "instructionsVersion", json_object_agg(outcome, n) as opinions, max(last) as "lastAskedAt"
    from (select model, instructions_version, outcome, count(*)::int as n, max(asked_at) as last from opinions group by 1, 2, 3) c
    group by 1, 2 order by max(last) desc`;
}

export interface StoredOpinion extends Opinionist {
  revision: number;
  outcome: OpinionOutcome;
  reason: string | null;
  labels: Label[];
  dropped: Partial<Record<DropReason, number>>;
  askedAt: Date;
}

/** What second coders said of one item, the latest first; items that were not asked about are left out. */
export async function listOpinionsOf(sql: Sql, itemId: string): Promise<StoredOpinion[]> {
  return sql<StoredOpinion[]>`
    select model, instructions_version as "instructionsVersion", revision, outcome, reason, labels, dropped, asked_at as "askedAt"
    from opinions where item_id = ${itemId} and outcome <> 'no-pair' order by asked_at desc, id desc limit 20`;
}
