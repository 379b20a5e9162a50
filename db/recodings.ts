import type { CoderName, Coding } from '../core/recode/coding.js';
import { countMoves, type LiveLabel, type Move, movesOf } from '../core/recode/moves.js';
import type { Sql } from './client.js';
import { jsonText } from './json-text.js';
import { liveColumns } from './recode-pages.js';

export const RECODING_STATES = ['running', 'done', 'cancelled', 'failed'] as const;
export type RecodingState = (typeof RECODING_STATES)[number];

/** One run over stored history: what it covers, by whom, and how far it is. The table is the truth; a workflow only drives it. */
export interface Recoding {
  id: string;
  state: RecodingState;
  /** Half-open range of the days that items count on; null is open. */
  from: string | null;
  to: string | null;
  coder: CoderName;
  /** Everything up to this item is done; null before the first. */
  doneTo: string | null;
  /** The newest item when the run was asked for; null when there was none. */
  until: string | null;
  /** Items in the range then, for whoever watches. */
  total: number;
  /** Items coded again so far, and those the coder failed on, whose labels were left as they are. */
  items: number;
  broken: number;
  /** Observations written, and what moved: see `core/recode/moves.ts`. */
  observations: number;
  gained: number;
  lost: number;
  status: number;
  requestedAt: Date;
  endedAt: Date | null;
  /** Why it failed. */
  reason: string | null;
}

export interface NewRecoding {
  id: string;
  from: string | null;
  to: string | null;
  coder: CoderName;
  /** JSON of everything the coder is built from, so that any worker can go on with the run whatever folder it was started from. */
  codebookData: string;
  at: Date;
}

/** A stretch of a page that is coded: everything in `(after, to]` is done when it is written. */
export interface CodedStretch {
  after: string | null;
  to: string;
  items: number;
  broken: number;
  codings: readonly Coding[];
}

/** Begins a run over everything stored now. Null when another one is running: two of them would undo each other. */
export async function beginRecoding(sql: Sql, run: NewRecoding): Promise<Recoding | null> {
  const { id, from, to, coder, codebookData, at } = run;
  const scope = await findScope(sql, from, to);
  const [row] = await sql<Array<{ id: string }>>`
    insert into recodings (id, state, from_day, to_day, coder, coder_version, codebook_version, codebook_data, until_item, total,
      requested_at)
    values (${id}, 'running', ${from}, ${to}, ${coder.name}, ${coder.version}, ${coder.codebookVersion}, ${codebookData},
      ${scope.until}, ${scope.total}, ${at})
    on conflict (state) where state = 'running' do nothing returning id`;
  return row ? findRecoding(sql, { id: row.id }) : null;
}

/** The newest item and the number of items of a range, as they are now. */
export async function findScope(
  sql: Sql,
  from: string | null,
  to: string | null,
): Promise<{ until: string | null; total: number }> {
  const [row] = await sql<[{ until: string | null; total: number }]>`
    select (select id from items order by id desc limit 1) as until,
      (select count(*)::int from items where removed_at is null ${from === null ? sql`` : sql`and day >= ${from}::date`}
        ${to === null ? sql`` : sql`and day < ${to}::date`}) as total`;
  return row;
}

/** One run: by its id or the end of it, by its state, or the latest. Null when there is none. */
export async function findRecoding(
  sql: Sql,
  { id, state }: { id?: string; state?: RecodingState } = {},
): Promise<Recoding | null> {
  const rows = await sql<Recoding[]>`
    select ${recodingColumns(sql)} from recodings
    where true ${id === undefined ? sql`` : sql`and right(id::text, ${id.length}) = ${id.toLowerCase()}`}
      ${state === undefined ? sql`` : sql`and state = ${state}`}
    order by requested_at desc, id desc limit 1`;
  return rows[0] ?? null;
}

export async function listRecodings(sql: Sql, limit: number): Promise<Recoding[]> {
  return sql<
    Recoding[]
  >`select ${recodingColumns(sql)} from recodings order by requested_at desc, id desc limit ${limit}`;
}

/** What the coder of a run is built from; null when the run is done and nobody needs it any more. */
export async function loadCodebookData(sql: Sql, id: string): Promise<string | null> {
  const [row] = await sql<Array<{ data: string | null }>>`select codebook_data as data from recodings where id = ${id}`;
  return row?.data ?? null;
}

/**
 * Writes a stretch in one transaction: observations with roll-up (`put_observations`), what moved, and the run's position. `stopped`
 * when the run was ended in the meantime, `taken` when somebody else has moved it on: nothing is written then, so a stretch counts
 * once however often it is tried. What moved is read from the table before and after, and not taken from the coder's word: an item
 * edited meanwhile, or a decision of a person, is told as it is.
 */
export async function writeStretch(
  sql: Sql,
  run: Pick<Recoding, 'id' | 'coder'>,
  stretch: CodedStretch,
  at: Date,
): Promise<'written' | 'stopped' | 'taken'> {
  const { codings } = stretch;
  return sql.begin(async (tx) => {
    const [held] = await tx<Array<{ state: RecodingState; doneTo: string | null }>>`
      select state, done_to as "doneTo" from recodings where id = ${run.id} for update`;
    if (held?.state !== 'running') return 'stopped';
    if (held.doneTo !== stretch.after) return 'taken';
    let observations = 0;
    let moves: Move<LiveLabel & { id: string }>[] = [];
    if (codings.length > 0) {
      const ids = codings.map(({ itemId }) => itemId);
      const live = () =>
        tx<Array<LiveLabel & { id: string }>>`
          select ${liveColumns(tx)} from observations o where o.item_id = any(${ids}::uuid[]) and o.superseded_at is null`;
      // The lock that `put_observations` takes: between the two looks nobody else writes labels.
      await tx`select pg_advisory_xact_lock(hashtextextended('axiswatch roll-up', 0))`;
      const before = await live();
      const [put] = await tx<[{ observations: number }]>`
        select observations from put_observations(${jsonText(codings.map((coding) => codingRow(coding, run.coder)))}::text::jsonb, ${at})`;
      observations = put.observations;
      moves = movesOf(before, await live());
    }
    if (moves.length > 0)
      await tx`
        insert into recoding_moves (recoding_id, item_id, indicator, dyad, day, kind, before_id, after_id)
        select ${run.id}, m.* from jsonb_to_recordset(${jsonText(moves.map(moveRow))}::text::jsonb)
          as m(item_id uuid, indicator text, dyad text, day date, kind text, before_id bigint, after_id bigint)`;
    const { gained, lost, status } = countMoves(moves);
    await tx`
      update recodings set done_to = ${stretch.to}, items = items + ${stretch.items}, broken = broken + ${stretch.broken},
        observations = observations + ${observations}, gained = gained + ${gained}, lost = lost + ${lost},
        status = status + ${status}
      where id = ${run.id}`;
    return 'written';
  });
}

/** Ends a run that is running; false when it is not. What a finished run was coded with is not needed any more. */
export async function endRecoding(
  sql: Sql,
  id: string,
  state: Exclude<RecodingState, 'running'>,
  at: Date,
  reason: string | null = null,
): Promise<boolean> {
  const { count } = await sql`
    update recodings set state = ${state}, ended_at = ${at}, reason = ${reason},
      codebook_data = case when ${state} = 'done' then null else codebook_data end
    where id = ${id} and state = 'running'`;
  return count > 0;
}

/** Lets a cancelled or failed run go on where it was; false when it is neither, or when another one is running. */
export async function reopenRecoding(sql: Sql, id: string): Promise<boolean> {
  const { count } = await sql`
    update recodings set state = 'running', ended_at = null, reason = null
    where id = ${id} and state in ('cancelled', 'failed') and not exists (select from recodings where state = 'running')`;
  return count > 0;
}

function recodingColumns(sql: Sql) {
  return sql`id, state, from_day as from, to_day as to,
    json_build_object('name', coder, 'version', coder_version, 'codebookVersion', codebook_version) as coder,
    done_to as "doneTo", until_item as until, total, items, broken, observations, gained, lost, status,
    requested_at as "requestedAt", ended_at as "endedAt", reason`;
}

function codingRow({ itemId, revision, labels }: Coding, coder: CoderName) {
  const { name, version, codebookVersion } = coder;
  return {
    item_id: itemId,
    revision,
    coder: name,
    coder_version: version,
    codebook_version: codebookVersion,
    labels,
  };
}

function moveRow({ itemId, indicator, dyad, day, kind, before, after }: Move<LiveLabel & { id: string }>) {
  return {
    item_id: itemId,
    indicator,
    dyad,
    day,
    kind,
    before_id: before?.id ?? null,
    after_id: after?.id ?? null,
  };
}
