import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { recordCodebook } from '../../db/codebooks.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 2 });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

it('a codebook version is kept once, as it was when it was first used', async () => {
  const codebook = {
    version: '1.0+0a0b0c0d',
    members: [
      { code: 'AAA', name: 'Aland', country: null },
      { code: 'BBB', name: 'Beland', country: 'BE' },
    ],
    domains: [{ code: 'mil', name: 'military' }],
    indicators: [],
    dyads: ['AAA-BBB'],
  };
  const first = new Date('2026-01-01T00:00:00Z');
  await recordCodebook(sql, codebook, first);
  await recordCodebook(sql, codebook, new Date('2026-02-01T00:00:00Z'));
  await recordCodebook(sql, { ...codebook, version: '1.1+11111111' }, first);
  const rows = await sql`select version, content, recorded_at from codebooks order by version`;
  expect(rows.map((row) => row.version)).toEqual(['1.0+0a0b0c0d', '1.1+11111111']);
  expect(rows[0]).toMatchObject({ content: codebook, recorded_at: first });
});
