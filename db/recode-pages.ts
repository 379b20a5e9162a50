import type postgres from 'postgres';
import type { LiveLabel } from '../core/recode/moves.js';
import { RECORD, type StoredPage, UNIT } from '../core/recode/stored-page.js';
import type { Sql } from './client.js';

/** Items with ids in `(after, to]`, of these only those that count on a day of `[from, before)`. */
export interface PageRange {
  after: string | null;
  to: string;
  from: string | null;
  before: string | null;
}

export interface SourceFacts {
  country: string | null;
  bloc: string;
}

/** The last id of a page of `size` items after `after`; null when there is none left up to `until`. */
export async function findPageEnd(sql: Sql, after: string | null, until: string, size: number): Promise<string | null> {
  const [row] = await sql<Array<{ id: string }>>`
    select id from (
      select id from items where id <= ${until}::uuid ${after === null ? sql`` : sql`and id > ${after}::uuid`}
      order by id limit ${size}) page
    order by id desc limit 1`;
  return row?.id ?? null;
}

/**
 * Reads one page: newest texts, live labels, decisions, in one snapshot. Removed items are left out. The texts come as one string
 * that is cut up by whoever codes them: a driver's work per row would cost more than Postgres' for reading it. Labels are looked up by
 * the range of ids and not per item, since few items have any.
 */
export async function readPage(sql: Sql, range: PageRange): Promise<StoredPage> {
  const { after, to, from, before } = range;
  const [[packed], live, decided] = await sql.begin('isolation level repeatable read read only', (tx) => {
    const inRange = (column: string) => tx`
      ${tx(column)} <= ${to}::uuid ${after === null ? tx`` : tx`and ${tx(column)} > ${after}::uuid`}`;
    // Same length in, same length out: spans of evidence count in the stored text.
    const clean = (column: string) => tx`translate(${tx(column)}, ${RECORD + UNIT}, '  ')`;
    return Promise.all([
      tx<Array<{ texts: string | null }>>`
        select string_agg(concat_ws(${UNIT}, i.id, i.revision, i.source_id, coalesce(i.language, ''), i.day,
          coalesce(extract(epoch from i.published_at)::text, ''),
          coalesce(${clean('r.title')}, ${clean('i.title')}), coalesce(${clean('r.summary')}, ${clean('i.summary')})),
          ${RECORD} order by i.id) as texts
        from items i left join revisions r on r.item_id = i.id and r.revision = i.revision and i.revision > 0
        where ${inRange('i.id')} and i.removed_at is null
          ${from === null ? tx`` : tx`and i.day >= ${from}::date`} ${before === null ? tx`` : tx`and i.day < ${before}::date`}`,
      tx<LiveLabel[]>`
        select ${liveColumns(tx)} from observations o where ${inRange('o.item_id')} and o.superseded_at is null`,
      tx<StoredPage['decided']>`
        select item_id as "itemId", array_agg(indicator || ' ' || dyad) as cells from reviews
        where ${inRange('item_id')} and superseded_at is null and verdict <> 'undo' group by 1`,
    ]);
  });
  return { texts: packed?.texts ?? '', live: [...live], decided: [...decided] };
}

/** Columns of an observation `o` as a {@link LiveLabel} with its id. */
export function liveColumns(sql: postgres.ISql) {
  return sql`o.id, o.item_id as "itemId", o.day, o.indicator, o.dyad, o.participants, o.direction, o.status, o.severity, o.confidence,
    o.coder, o.coder_version as "coderVersion", o.codebook_version as "codebookVersion", o.revision`;
}

/** What a coder knows of an outlet besides its name, by source. */
export async function loadSourceFacts(sql: Sql): Promise<Map<string, SourceFacts>> {
  const rows = await sql<Array<SourceFacts & { id: string }>>`select id, country, bloc from sources`;
  return new Map(rows.map(({ id, country, bloc }) => [id, { country, bloc }]));
}
