import type { Codebook } from '../core/codebook/codebook.js';
import type { ObservationFilter } from '../core/trends/query.js';
import type { Sql } from './client.js';

/** A codebook as it was when it first coded something here; null for a version that never did. */
export async function loadCodebookVersion(sql: Sql, version: string): Promise<Codebook | null> {
  const [row] = await sql<Array<{ content: Codebook }>>`
    select content from codebooks c where version = ${version} and ${hasCodedCondition(sql)}`;
  return row?.content ?? null;
}

export async function listCodebooks(sql: Sql): Promise<string[]> {
  const rows = await sql<Array<{ version: string }>>`
    select version from codebooks c where ${hasCodedCondition(sql)} order by version`;
  return rows.map(({ version }) => version);
}

/** A codebook that was only tried (a dry run, a run that was refused) has no numbers, not even zeros. */
const hasCodedCondition = (sql: Sql) => sql`(
  exists (select from observations o where o.codebook_version = c.version)
  or exists (select from recodings r where r.codebook_version = c.version and (r.state = 'done' or r.done_to is not null)))`;

/** True when a coder of this name or version ever labelled or recoded anything. */
export async function hasCoded(sql: Sql, coder: string): Promise<boolean> {
  const [row] = await sql<[{ known: boolean }]>`
    select exists (select from recodings where coder = ${coder} or coder_version = ${coder})
      or exists (select from observations where coder = ${coder} or coder_version = ${coder}) as known`;
  return row.known;
}

/** Names and versions of all coders whose labels are stored. */
export async function listCoders(sql: Sql): Promise<string[]> {
  const rows = await sql<Array<{ coder: string; version: string }>>`
    select distinct coder, coder_version as version from observations`;
  return [...new Set(rows.flatMap(({ coder, version }) => [coder, version]))].sort();
}

/**
 * Condition on `observations o`: it is the last word of the versions asked for on the text that the item has now. That is a label that
 * holds; or one that a recoding by other versions superseded. Not one of an older text (an edit superseded it), of a removed item, one
 * that a person decided against, or one that a later recoding by versions asked for did not give again.
 */
export function lastWordCondition(sql: Sql, { codebook, coder }: Pick<ObservationFilter, 'codebook' | 'coder'>) {
  return sql`(o.superseded_at is null or (
    o.review_id is null
    and exists (select from items x where x.id = o.item_id and x.revision = o.revision and x.removed_at is null)
    and not exists (select from reviews v where (v.item_id, v.indicator, v.dyad) = (o.item_id, o.indicator, o.dyad)
      and v.superseded_at is null and v.verdict <> 'undo' and coder_rank(v.coder) > coder_rank(o.coder))
    and not exists (select from recodings n where n.coder = o.coder and n.requested_at > o.recorded_at and n.done_to >= o.item_id
      and (n.from_day is null or n.from_day <= o.day) and (n.to_day is null or n.to_day > o.day)
      ${codebook ? sql`and n.codebook_version = ${codebook}` : sql``}
      ${coder ? sql`and (n.coder = ${coder} or n.coder_version = ${coder})` : sql``})))`;
}
