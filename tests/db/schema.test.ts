import { readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import * as schema from '../../db/schema.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Tables, columns, constraints, indexes, views and functions of a migrated database, one per line, in a fixed order. */
async function describeSchema(): Promise<string> {
  const columns = await sql`
    select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      || case when a.attidentity = '' then '' else ' identity' end as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`;
  // Not-null is with the column; its constraints got names of their own in Postgres 18.
  const constraints = await sql`
    select conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid) as line from pg_constraint
    where connamespace = 'public'::regnamespace and contype <> 'n' order by 1`;
  const indexes = await sql`select indexdef as line from pg_indexes where schemaname = 'public' order by 1`;
  const views = await sql`select 'view ' || viewname as line from pg_views where schemaname = 'public' order by 1`;
  const functions = await sql`
    select 'function ' || oid::regprocedure || ' returns ' || pg_get_function_result(oid) as line from pg_proc
    where pronamespace = 'public'::regnamespace order by 1`;
  const lines = [columns, constraints, indexes, views, functions].map((rows) =>
    rows.map(({ line }) => line).join('\n'),
  );
  return `${lines.join('\n\n')}\n`;
}

describe('the schema', () => {
  it('is the one on file, so that every change shows in review', async () => {
    await expect(await describeSchema()).toMatchFileSnapshot('../fixtures/schema.txt');
  });

  it('of the code and of the migrations are the same', async () => {
    const folder = new URL('../../db/migrations/meta/', import.meta.url);
    const { entries } = JSON.parse(readFileSync(new URL('_journal.json', folder), 'utf8'));
    const newest = String(entries.at(-1).idx).padStart(4, '0');
    const migrated = JSON.parse(readFileSync(new URL(`${newest}_snapshot.json`, folder), 'utf8'));
    expect(await generateMigration(migrated, generateDrizzleJson(schema, migrated.id))).toEqual([]);
  });

  it('names no country: members, domains and indicators are data', async () => {
    const text = await describeSchema();
    expect(text).not.toMatch(/\b(RUS|CHN|IRN|PRK|russia|china|iran|korea)\b/i);
  });
});

describe('what the tables refuse', () => {
  const at = '2026-03-10T12:00:00Z';
  beforeAll(async () => {
    await sql`insert into sources (id, name, bloc, family) values ('s', 'S', 'other', 's')`;
    await sql`insert into feeds (id, source_id, url, host, kind, every_seconds, group_id) values ('f', 's', 'u', 'h', 'feed', 60, 'g')`;
    await sql`insert into stories (id, day, created_at) values (gen_random_uuid(), '2026-03-10', ${at})`;
    await sql`insert into items (id, source_id, feed_id, key, title, summary, first_seen_at, day, story_id, fingerprint)
      select gen_random_uuid(), 's', 'f', 'guid:1', 't', '', ${at}, '2026-03-10', id, 'x' from stories`;
  });
  const observe = (change: string) =>
    sql.unsafe(
      `insert into observations (item_id, revision, story_id, source_id, feed_id, bloc, family, day, indicator, domain, polarity, dyad,
         participants, status, severity, confidence, flags, rules, evidence, coder, coder_version, codebook_version, recorded_at)
       select i.id, 0, i.story_id, 's', 'f', 'other', 's', i.day, o.* from items i cross join (select 'x.y' as indicator, 'x' as domain,
         1::smallint as polarity, 'AAA-BBB' as dyad, '{AAA,BBB}'::text[] as participants, 'occurred' as status, 3::smallint as severity,
         0.5::real as confidence, '{}'::text[] as flags, '{}'::text[] as rules, '[{}]'::jsonb as evidence, 'rules' as coder, '1' as cv,
         '1' as cb, now() as recorded) o`.replace(
        /'\[\{\}\]'::jsonb|'occurred'|'\{AAA,BBB\}'::text\[\]|0\.5::real|1::smallint/g,
        (part) => {
          const [from, to] = change.split(' -> ');
          return part === from ? to! : part;
        },
      ),
    );

  it.each([
    ['a label without words', "'[{}]'::jsonb -> '[]'::jsonb", 'observations_evidence'],
    ['an act of one', "'{AAA,BBB}'::text[] -> '{AAA}'::text[]", 'observations_two_participants'],
    ['a status that is none', "'occurred' -> 'rumoured'", 'observations_status'],
    ['a probability above 1', '0.5::real -> 1.5::real', 'observations_confidence'],
    ['a polarity of 0', '1::smallint -> 0::smallint', 'observations_polarity'],
  ])('%s', async (_, change, constraint) => {
    await expect(observe(change)).rejects.toMatchObject({ constraint_name: constraint });
  });

  it('the same label of the same versions twice, the same item twice, the same edit twice', async () => {
    await observe('nothing -> nothing');
    await expect(observe('nothing -> nothing')).rejects.toMatchObject({ constraint_name: 'observations_once' });
    const again = sql`insert into items (id, source_id, feed_id, key, title, summary, first_seen_at, day, story_id, fingerprint)
      select gen_random_uuid(), source_id, feed_id, key, title, summary, first_seen_at, day, story_id, 'y' from items`;
    await expect(again).rejects.toMatchObject({ constraint_name: 'items_source_key' });
    const edit = (n: number) => sql`insert into revisions (item_id, revision, title, summary, fingerprint, seen_at)
      select id, ${n}, 't', '', 'z', ${at} from items`;
    await edit(1);
    await expect(edit(2)).rejects.toMatchObject({ constraint_name: 'revisions_content' });
  });
});
