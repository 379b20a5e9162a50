import type { LiveLabel, Move } from '../core/recode/moves.js';
import type { Sql } from './client.js';

/** An item as a report names it. */
export interface MovedItem {
  title: string;
  url: string | null;
  source: string;
}

/** A move with the item behind it, as it was written. */
export type StoredMove = Move & { item: MovedItem };

/** What a run moved, by day and item: both labels come from the observations, which are all kept. */
export async function loadMoves(sql: Sql, recodingId: string): Promise<StoredMove[]> {
  return sql<StoredMove[]>`
    select m.item_id as "itemId", m.day, m.indicator, m.dyad, m.kind, ${labelJson(sql, 'b')} as before, ${labelJson(sql, 'a')} as after,
      json_build_object('title', coalesce(r.title, i.title), 'url', i.url, 'source', i.source_id) as item
    from recoding_moves m join items i on i.id = m.item_id
      left join revisions r on r.item_id = i.id and r.revision = i.revision
      left join observations b on b.id = m.before_id left join observations a on a.id = m.after_id
    where m.recoding_id = ${recodingId}
    order by m.day, m.item_id, m.indicator, m.dyad`;
}

/** The items of moves that are not written: those of a dry run. */
export async function nameItems(sql: Sql, ids: readonly string[]): Promise<Map<string, MovedItem>> {
  const rows = await sql<Array<MovedItem & { id: string }>>`
    select i.id, coalesce(r.title, i.title) as title, i.url, i.source_id as source
    from items i left join revisions r on r.item_id = i.id and r.revision = i.revision
    where i.id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map(({ id, ...item }) => [id, item]));
}

function labelJson(sql: Sql, alias: 'a' | 'b') {
  const column = (name: keyof LiveLabel | string) => sql(`${alias}.${name}`);
  return sql`case when ${column('id')} is not null then json_build_object('itemId', ${column('item_id')}, 'day', ${column('day')},
    'indicator', ${column('indicator')}, 'dyad', ${column('dyad')}, 'participants', ${column('participants')},
    'direction', ${column('direction')}, 'status', ${column('status')}, 'severity', ${column('severity')},
    'confidence', ${column('confidence')}, 'coder', ${column('coder')}, 'coderVersion', ${column('coder_version')},
    'codebookVersion', ${column('codebook_version')}, 'revision', ${column('revision')}) end`;
}
