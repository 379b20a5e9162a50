-- What a poll writes is one call: one round trip, one transaction, the same whether it runs once, twice or in two processes.
-- Times and ids come from the caller; nothing here reads the clock.
--
-- Every look-up here is by key, for at most some hundred keys, so the plan is always the same: nested loops over indexes. The SET
-- clauses say so, because a session keeps its plans: one made while the tables were empty would scan them whole for as long as the
-- session lives or until autovacuum has looked (measured: 40 ms for a poll of 50 items at the start, 380 ms after 80 polls).
-- `OFFSET 0` is the fence that keeps a look-up a look-up: without it the planner may turn it into a join with the whole table, or
-- scan a partial index whose condition holds.

-- The levels a live observation counts in.
CREATE FUNCTION cells_of(indicator text, domain text, dyad text)
RETURNS TABLE (level text, code text, cell_dyad text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  VALUES ('indicator', indicator, dyad), ('domain', domain, dyad), ('dyad', '', dyad), ('all', '', '');
$$;
--> statement-breakpoint
-- The whole roll-up counted anew from the live observations; `series_days` must equal it at any time.
CREATE VIEW series_recount AS
SELECT day, level, code, dyad, polarity, sum(items)::int AS items, sum(stories)::int AS stories
FROM (
  SELECT o.day, c.level, c.code, c.cell_dyad AS dyad, o.polarity, count(DISTINCT o.item_id) AS items, 0 AS stories
  FROM observations o CROSS JOIN LATERAL cells_of(o.indicator, o.domain, o.dyad) c
  WHERE o.superseded_at IS NULL
  GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT s.day, c.level, c.code, c.cell_dyad, o.polarity, 0, count(DISTINCT o.story_id)
  FROM observations o JOIN stories s ON s.id = o.story_id CROSS JOIN LATERAL cells_of(o.indicator, o.domain, o.dyad) c
  WHERE o.superseded_at IS NULL AND o.status <> 'denied'
  GROUP BY 1, 2, 3, 4, 5
) counted
GROUP BY 1, 2, 3, 4, 5;
--> statement-breakpoint
-- Stores what a coder said of some items and keeps the roll-up and the dirty cells with it.
--   codings: [{item_id, revision, coder, coder_version, codebook_version, labels: [{indicator, domain, polarity, dyad, participants,
--            direction, status, severity, confidence, flags, rules, evidence}]}], at most one per item and coder
-- A coding replaces what the same coder said before of this item (an older revision, an older version): that is superseded, not
-- deleted. A coding of a revision that is no longer the newest is dropped. The same coding again changes nothing.
CREATE FUNCTION put_observations(codings jsonb, written_at timestamptz, OUT observations integer, OUT dirty integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  moves jsonb;
BEGIN
  observations := 0;
  dirty := 0;
  -- Most items are about nothing we watch: no label, nothing to replace, no lock.
  PERFORM FROM jsonb_to_recordset(codings) AS c(item_id uuid, labels jsonb)
    WHERE jsonb_array_length(c.labels) > 0 OR EXISTS (SELECT FROM observations o WHERE o.item_id = c.item_id OFFSET 0);
  IF NOT FOUND THEN RETURN; END IF;

  -- One writer of the roll-up at a time. All of them meet in the row of `all` anyway; with one lock instead of many rows they
  -- cannot deadlock, and what is counted below is exact even when two feeds report the same story at once.
  PERFORM pg_advisory_xact_lock(hashtextextended('axiswatch roll-up', 0));

  WITH coding AS MATERIALIZED (
    SELECT c.*, i.story_id, i.source_id, i.feed_id, i.language, i.day, s.bloc, s.family
    FROM jsonb_to_recordset(codings)
      AS c(item_id uuid, revision integer, coder text, coder_version text, codebook_version text, labels jsonb)
    CROSS JOIN LATERAL (SELECT * FROM items x WHERE x.id = c.item_id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT * FROM sources x WHERE x.id = i.source_id OFFSET 0) s
    WHERE i.revision = c.revision AND i.removed_at IS NULL
  ),
  outdated AS (
    SELECT o.id FROM coding c
    CROSS JOIN LATERAL (SELECT * FROM observations x WHERE x.item_id = c.item_id OFFSET 0) o
    WHERE o.coder = c.coder AND o.superseded_at IS NULL
      AND (o.revision, o.coder_version, o.codebook_version) <> (c.revision, c.coder_version, c.codebook_version)
  ),
  gone AS (
    UPDATE observations o SET superseded_at = greatest(written_at, o.recorded_at)
    FROM outdated WHERE o.id = outdated.id
    RETURNING o.id, o.story_id, o.day, o.indicator, o.dyad
  ),
  come AS (
    INSERT INTO observations (item_id, revision, story_id, source_id, feed_id, bloc, family, language, day, indicator, domain,
      polarity, dyad, participants, direction, status, severity, confidence, flags, rules, evidence, coder, coder_version,
      codebook_version, recorded_at)
    SELECT c.item_id, c.revision, c.story_id, c.source_id, c.feed_id, c.bloc, c.family, c.language, c.day, l.indicator, l.domain,
      l.polarity, l.dyad, l.participants, l.direction, l.status, l.severity, l.confidence, l.flags, l.rules, l.evidence, c.coder,
      c.coder_version, c.codebook_version, written_at
    FROM coding c CROSS JOIN LATERAL jsonb_to_recordset(c.labels) AS l(indicator text, domain text, polarity smallint, dyad text,
      participants text[], direction text, status text, severity smallint, confidence real, flags text[], rules text[],
      evidence jsonb)
    ON CONFLICT ON CONSTRAINT observations_once DO NOTHING
    RETURNING item_id, story_id, day, indicator, domain, polarity, dyad, status
  ),
  -- Live observations of every story that is touched, before and after. Reads the table as it was when this statement began.
  sides AS (
    SELECT b.sign, o.item_id, o.story_id, o.day, o.indicator, o.domain, o.polarity, o.dyad, o.status
    FROM (SELECT story_id FROM gone UNION SELECT story_id FROM come) t
    CROSS JOIN LATERAL (SELECT * FROM observations x WHERE x.story_id = t.story_id OFFSET 0) o
    CROSS JOIN (VALUES (-1), (1)) AS b(sign)
    WHERE o.superseded_at IS NULL AND (b.sign = -1 OR o.id NOT IN (SELECT id FROM gone))
    UNION ALL
    SELECT 1, * FROM come
  ),
  counted AS (
    SELECT sign, o.day, c.level, c.code, c.cell_dyad AS dyad, o.polarity, count(DISTINCT o.item_id) AS items, 0 AS stories
    FROM sides o CROSS JOIN LATERAL cells_of(o.indicator, o.domain, o.dyad) c
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT sign, s.day, c.level, c.code, c.cell_dyad, o.polarity, 0, count(DISTINCT o.story_id)
    FROM sides o JOIN stories s ON s.id = o.story_id CROSS JOIN LATERAL cells_of(o.indicator, o.domain, o.dyad) c
    WHERE o.status <> 'denied'
    GROUP BY 1, 2, 3, 4, 5, 6
  ),
  moved AS (
    SELECT day, level, code, dyad, polarity, sum(sign * items)::int AS items, sum(sign * stories)::int AS stories
    FROM counted GROUP BY 1, 2, 3, 4, 5
    HAVING sum(sign * items) <> 0 OR sum(sign * stories) <> 0
  ),
  marked AS (
    INSERT INTO dirty_cells (indicator, dyad, day, marked_at)
    SELECT DISTINCT t.indicator, t.dyad, t.day, written_at
    FROM (SELECT indicator, dyad, day FROM gone UNION SELECT indicator, dyad, day FROM come) t
    ORDER BY 1, 2, 3
    ON CONFLICT (indicator, dyad, day) DO UPDATE SET marked_at = excluded.marked_at
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM marked), (SELECT jsonb_agg(moved) FROM moved)
  INTO observations, dirty, moves;

  -- Two steps, not one upsert: Postgres checks a proposed row before it looks for a conflict, and -1 is no count.
  INSERT INTO series_days (day, level, code, dyad, polarity, items, stories)
  SELECT m.day, m.level, m.code, m.dyad, m.polarity, 0, 0
  FROM jsonb_to_recordset(moves) AS m(day date, level text, code text, dyad text, polarity smallint)
  ON CONFLICT DO NOTHING;
  UPDATE series_days d SET items = d.items + m.items, stories = d.stories + m.stories
  FROM jsonb_to_recordset(moves)
    AS m(day date, level text, code text, dyad text, polarity smallint, items integer, stories integer)
  WHERE (d.day, d.level, d.code, d.dyad, d.polarity) = (m.day, m.level, m.code, m.dyad, m.polarity);
END;
$$;
--> statement-breakpoint
-- Moves the rows of polled feeds on, keeps the coverage ledger, logs polls that changed or failed something. Returns how many
-- polls were news: a poll that is no later than the last one of its feed is a replay and writes nothing.
-- So is one of an address that the configuration no longer has: its validators are those of another document.
--   polls: [{feed_id, url, polled_at, kind, entries, added, revised, reason, fault, detail, status, repairs, etag, last_modified,
--          validators_since, body_digest, entries_digest, consecutive_failures, empty_polls, last_success_at, next_due_at, moved_to,
--          moved_count, moved_last_at, muted_at, format, encoding, reaches_back_to}]
CREATE FUNCTION record_polls(polls jsonb) RETURNS integer
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  recorded integer;
BEGIN
  -- Always in the same order, so that two batches that overlap wait for each other instead of deadlocking.
  PERFORM FROM feeds WHERE id IN (SELECT feed_id FROM jsonb_to_recordset(polls) AS p(feed_id text)) ORDER BY id FOR NO KEY UPDATE;

  WITH poll AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(polls) AS p(feed_id text, url text, polled_at timestamptz, kind text, entries integer, added integer,
      revised integer, reason text, fault text, detail text, status integer, repairs text[], etag text, last_modified text,
      validators_since timestamptz, body_digest text, entries_digest text, consecutive_failures integer, empty_polls integer,
      last_success_at timestamptz, next_due_at timestamptz, moved_to text, moved_count integer, moved_last_at timestamptz,
      muted_at timestamptz, format text, encoding text, reaches_back_to timestamptz)
  ),
  moved AS (
    UPDATE feeds f SET
      etag = p.etag, last_modified = p.last_modified, validators_since = p.validators_since,
      body_digest = p.body_digest, entries_digest = p.entries_digest,
      consecutive_failures = p.consecutive_failures, empty_polls = p.empty_polls,
      last_polled_at = p.polled_at, last_success_at = p.last_success_at, next_due_at = p.next_due_at,
      moved_to = p.moved_to, moved_count = p.moved_count, moved_last_at = p.moved_last_at, muted_at = p.muted_at,
      reaches_back_to = coalesce(p.reaches_back_to, f.reaches_back_to),
      last_kind = p.kind, last_reason = p.reason, last_fault = p.fault, last_detail = p.detail, last_status = p.status,
      -- A 304 says nothing of how the document was last read.
      last_repairs = CASE WHEN p.format IS NULL THEN f.last_repairs ELSE p.repairs END,
      last_format = coalesce(p.format, f.last_format), last_encoding = coalesce(p.encoding, f.last_encoding)
    FROM poll p
    WHERE f.id = p.feed_id AND f.url = coalesce(p.url, f.url) AND (f.last_polled_at IS NULL OR f.last_polled_at < p.polled_at)
    RETURNING f.id, f.reaches_back_to
  ),
  news AS (
    SELECT p.*, (p.polled_at AT TIME ZONE 'UTC')::date AS day, p.kind IN ('polled', 'not-modified') AS is_success,
      m.reaches_back_to AS reaches
    FROM poll p JOIN moved m ON m.id = p.feed_id
  ),
  covered AS (
    INSERT INTO coverage_days AS c (feed_id, day, successes, failures, items, first_success_at, last_success_at, reaches_back_to)
    SELECT feed_id, day, is_success::int, (NOT is_success)::int, added, CASE WHEN is_success THEN polled_at END,
      CASE WHEN is_success THEN polled_at END, CASE WHEN is_success THEN reaches END
    FROM news
    ON CONFLICT (feed_id, day) DO UPDATE SET
      successes = c.successes + excluded.successes, failures = c.failures + excluded.failures, items = c.items + excluded.items,
      first_success_at = coalesce(c.first_success_at, excluded.first_success_at),
      last_success_at = coalesce(excluded.last_success_at, c.last_success_at),
      reaches_back_to = least(c.reaches_back_to, excluded.reaches_back_to)
  ),
  logged AS (
    INSERT INTO polls (feed_id, polled_at, kind, reason, fault, detail, status, entries, added, revised, repairs)
    SELECT feed_id, polled_at, kind, reason, fault, detail, status, entries, added, revised, repairs
    FROM news WHERE NOT is_success OR added > 0 OR revised > 0
    ON CONFLICT ON CONSTRAINT polls_once DO NOTHING
  )
  SELECT count(*) INTO recorded FROM moved;
  RETURN recorded;
END;
$$;
--> statement-breakpoint
-- Everything that one poll of one feed brings:
--   {source_id, feed_id, at, coder, coder_version, codebook_version,
--    items: [{id, story_id, key, keys, title, url, raw_url, summary, language, published_at, published_raw, day, fingerprint, labels}],
--    edits: [{item_id, title, summary, fingerprint, labels}],
--    keys: [{item_id, key}],
--    poll: as in record_polls}
-- Items that another process stored in the meantime (any key known) and contents that the item already had are left out with
-- their labels, so that a replay writes nothing and a race ends as if the two had come one after the other.
CREATE FUNCTION store_poll(p jsonb, OUT added integer, OUT revised integer, OUT observations integer, OUT dirty integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  written_at timestamptz := p->>'at';
  codings jsonb;
  fresh jsonb;
  edited jsonb;
BEGIN
  -- Identity is decided per source: one store at a time for each.
  PERFORM pg_advisory_xact_lock(hashtextextended('axiswatch source ' || (p->>'source_id'), 0));

  WITH input AS MATERIALIZED (
    SELECT DISTINCT ON (i.key) i.* FROM jsonb_to_recordset(p->'items') AS i(id uuid, story_id uuid, key text, keys text[], title text,
      url text, raw_url text, summary text, language text, published_at timestamptz, published_raw text, day date,
      fingerprint text, labels jsonb)
    WHERE NOT EXISTS (SELECT FROM item_keys k WHERE k.source_id = p->>'source_id' AND k.key = ANY (i.keys) OFFSET 0)
  ),
  told AS (
    INSERT INTO stories (id, day, created_at) SELECT story_id, day, written_at FROM input
  ),
  kept AS (
    INSERT INTO items (id, source_id, feed_id, key, title, url, raw_url, summary, language, published_at, published_raw,
      first_seen_at, day, story_id, fingerprint)
    SELECT id, p->>'source_id', p->>'feed_id', key, title, url, raw_url, summary, language, published_at, published_raw,
      written_at, day, story_id, fingerprint FROM input
  ),
  keyed AS (
    INSERT INTO item_keys (source_id, key, item_id, seen_at)
    SELECT DISTINCT ON (k.key) p->>'source_id', k.key, i.id, written_at FROM input i CROSS JOIN LATERAL unnest(i.keys) AS k(key)
    ORDER BY k.key, i.id
  )
  SELECT count(*), coalesce(jsonb_agg(jsonb_build_object('item_id', id, 'revision', 0, 'labels', labels)), '[]')
  INTO added, fresh FROM input;

  WITH input AS MATERIALIZED (
    SELECT DISTINCT ON (e.item_id) e.*, i.revision + 1 AS revision
    FROM jsonb_to_recordset(p->'edits') AS e(item_id uuid, title text, summary text, fingerprint text, labels jsonb)
    CROSS JOIN LATERAL (SELECT * FROM items x WHERE x.id = e.item_id OFFSET 0) i
    WHERE i.removed_at IS NULL AND i.fingerprint <> e.fingerprint
      AND NOT EXISTS (SELECT FROM revisions r WHERE r.item_id = e.item_id AND r.fingerprint = e.fingerprint OFFSET 0)
  ),
  kept AS (
    INSERT INTO revisions (item_id, revision, title, summary, fingerprint, seen_at)
    SELECT item_id, revision, title, summary, fingerprint, written_at FROM input
  ),
  moved AS (
    UPDATE items i SET revision = e.revision FROM input e WHERE i.id = e.item_id
  )
  SELECT count(*), coalesce(jsonb_agg(jsonb_build_object('item_id', item_id, 'revision', revision, 'labels', labels)), '[]')
  INTO revised, edited FROM input;

  INSERT INTO item_keys (source_id, key, item_id, seen_at)
  SELECT p->>'source_id', k.key, k.item_id, written_at FROM jsonb_to_recordset(p->'keys') AS k(item_id uuid, key text)
  ON CONFLICT DO NOTHING;

  SELECT jsonb_agg(c || jsonb_build_object('coder', p->'coder', 'coder_version', p->'coder_version',
    'codebook_version', p->'codebook_version'))
  INTO codings FROM jsonb_array_elements(fresh || edited) AS c;
  SELECT o.observations, o.dirty INTO observations, dirty FROM put_observations(coalesce(codings, '[]'), written_at) o;

  PERFORM record_polls(jsonb_build_array((p->'poll') || jsonb_build_object('added', added, 'revised', revised)));
END;
$$;
--> statement-breakpoint
-- Items of a source that are known by any of the keys. Reads only.
CREATE FUNCTION probe_items(source text, keys text[])
RETURNS TABLE (item_id uuid, matched text[], key_count integer, fingerprints text[], title text, published_at timestamptz, day date,
  removed boolean)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
  SELECT i.id, array_agg(k.key), (SELECT count(*)::int FROM item_keys n WHERE n.item_id = i.id),
    ARRAY(SELECT i.fingerprint UNION ALL SELECT r.fingerprint FROM revisions r WHERE r.item_id = i.id),
    i.title, i.published_at, i.day, i.removed_at IS NOT NULL
  FROM item_keys k JOIN items i ON i.id = k.item_id
  WHERE k.source_id = source AND k.key = ANY (keys)
  GROUP BY i.id
$$;
--> statement-breakpoint
-- Makes an item a tombstone: nothing counts it any more, and its return in a feed is not news. False when it already was one.
CREATE FUNCTION remove_item(removed_id uuid, why text, written_at timestamptz) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  item items;
BEGIN
  SELECT * INTO item FROM items WHERE id = removed_id;
  PERFORM pg_advisory_xact_lock(hashtextextended('axiswatch source ' || item.source_id, 0));
  PERFORM put_observations(
    (SELECT coalesce(jsonb_agg(jsonb_build_object('item_id', i.id, 'revision', i.revision, 'coder', c.coder, 'coder_version', '',
       'codebook_version', '', 'labels', '[]'::jsonb)), '[]')
     FROM items i, LATERAL (SELECT DISTINCT coder FROM observations o WHERE o.item_id = i.id AND o.superseded_at IS NULL) c
     WHERE i.id = removed_id AND i.removed_at IS NULL), written_at);
  UPDATE items SET removed_at = written_at, removed_reason = why WHERE id = removed_id AND removed_at IS NULL;
  RETURN FOUND;
END;
$$;
--> statement-breakpoint
-- Rows that are rewritten by every poll: room on the page for the new version keeps the indexes out of it (HOT updates).
ALTER TABLE feeds SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE coverage_days SET (fillfactor = 70);
--> statement-breakpoint
ALTER TABLE series_days SET (fillfactor = 70);
