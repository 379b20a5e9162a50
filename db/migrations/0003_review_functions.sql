-- People, and a second coder on their behalf, decide about labels. A decision supersedes what it speaks of and puts its own rows
-- in place; machine codings then leave out what is decided. One function counts for both (see 0001 for the SET clauses and
-- the fences).

-- Brings the roll-up and the dirty cells in line with observations that were superseded (`gone`) and put (`come`) in this very
-- transaction, by a caller that holds the lock 'axiswatch roll-up'. Returns the number of cells marked.
CREATE FUNCTION roll_up(gone bigint[], come bigint[], written_at timestamptz) RETURNS integer
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  dirty integer;
  moves jsonb;
BEGIN
  IF cardinality(gone) + cardinality(come) = 0 THEN RETURN 0; END IF;

  WITH changed AS MATERIALIZED (
    SELECT o.story_id, o.indicator, o.dyad, o.day
    FROM (SELECT unnest(gone) AS id UNION ALL SELECT unnest(come)) t
    CROSS JOIN LATERAL (SELECT * FROM observations x WHERE x.id = t.id OFFSET 0) o
  ),
  -- Live observations of every story that is touched, after (1) and before (-1): what is live now, without what came, with what went.
  sides AS (
    SELECT b.sign, o.item_id, o.story_id, o.day, o.indicator, o.domain, o.polarity, o.dyad, o.status
    FROM (SELECT DISTINCT story_id FROM changed) t
    CROSS JOIN LATERAL (SELECT * FROM observations x WHERE x.story_id = t.story_id OFFSET 0) o
    CROSS JOIN (VALUES (-1), (1)) AS b(sign)
    WHERE CASE WHEN o.superseded_at IS NULL THEN b.sign = 1 OR o.id NOT IN (SELECT unnest(come))
      ELSE b.sign = -1 AND o.id IN (SELECT unnest(gone)) END
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
    SELECT DISTINCT c.indicator, c.dyad, c.day, written_at FROM changed c ORDER BY 1, 2, 3
    ON CONFLICT (indicator, dyad, day) DO UPDATE SET marked_at = excluded.marked_at
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM marked), (SELECT jsonb_agg(moved) FROM moved) INTO dirty, moves;

  -- Two steps, not one upsert: Postgres checks a proposed row before it looks for a conflict, and -1 is no count.
  INSERT INTO series_days (day, level, code, dyad, polarity, items, stories)
  SELECT m.day, m.level, m.code, m.dyad, m.polarity, 0, 0
  FROM jsonb_to_recordset(moves) AS m(day date, level text, code text, dyad text, polarity smallint)
  ON CONFLICT DO NOTHING;
  UPDATE series_days d SET items = d.items + m.items, stories = d.stories + m.stories
  FROM jsonb_to_recordset(moves)
    AS m(day date, level text, code text, dyad text, polarity smallint, items integer, stories integer)
  WHERE (d.day, d.level, d.code, d.dyad, d.polarity) = (m.day, m.level, m.code, m.dyad, m.polarity);
  RETURN dirty;
END;
$$;
--> statement-breakpoint
-- Whose word counts more. Any coder that is neither a person nor the second coder is a machine coder.
CREATE FUNCTION coder_rank(coder text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE coder WHEN 'human' THEN 2 WHEN 'llm' THEN 1 ELSE 0 END
$$;
--> statement-breakpoint
-- Stores what a coder said of some items and keeps the roll-up and the dirty cells with it.
--   codings: [{item_id, revision, coder, coder_version, codebook_version, labels: [{indicator, domain, polarity, dyad, participants,
--            direction, status, severity, confidence, flags, rules, evidence}]}], at most one per item and coder
-- A coding replaces what the same coder said before of this item (an older revision, an older version): that is superseded, not
-- deleted. A coding of a revision that is no longer the newest is dropped. The same coding again changes nothing. Labels on a cell
-- (indicator and dyad) about which somebody of higher rank decided are left out, whatever version gives them.
CREATE OR REPLACE FUNCTION put_observations(codings jsonb, written_at timestamptz, OUT observations integer, OUT dirty integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  gone bigint[];
  come bigint[];
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
  left_behind AS (
    UPDATE observations o SET superseded_at = greatest(written_at, o.recorded_at)
    FROM outdated WHERE o.id = outdated.id
    RETURNING o.id
  ),
  put AS (
    INSERT INTO observations (item_id, revision, story_id, source_id, feed_id, bloc, family, language, day, indicator, domain,
      polarity, dyad, participants, direction, status, severity, confidence, flags, rules, evidence, coder, coder_version,
      codebook_version, recorded_at)
    SELECT c.item_id, c.revision, c.story_id, c.source_id, c.feed_id, c.bloc, c.family, c.language, c.day, l.indicator, l.domain,
      l.polarity, l.dyad, l.participants, l.direction, l.status, l.severity, l.confidence, l.flags, l.rules, l.evidence, c.coder,
      c.coder_version, c.codebook_version, written_at
    FROM coding c CROSS JOIN LATERAL jsonb_to_recordset(c.labels) AS l(indicator text, domain text, polarity smallint, dyad text,
      participants text[], direction text, status text, severity smallint, confidence real, flags text[], rules text[],
      evidence jsonb)
    WHERE NOT EXISTS (SELECT FROM reviews r WHERE (r.item_id, r.indicator, r.dyad) = (c.item_id, l.indicator, l.dyad)
      AND r.superseded_at IS NULL AND r.verdict <> 'undo' AND coder_rank(r.coder) > coder_rank(c.coder) OFFSET 0)
    ON CONFLICT (item_id, revision, indicator, dyad, coder, coder_version, codebook_version) WHERE superseded_at IS NULL DO NOTHING
    RETURNING id
  )
  SELECT ARRAY(SELECT id FROM left_behind), ARRAY(SELECT id FROM put) INTO gone, come;

  observations := cardinality(come);
  dirty := roll_up(gone, come, written_at);
END;
$$;
--> statement-breakpoint
-- Stores one decision about labels of one item.
--   {decision_id, item_id, revision, coder, coder_version, codebook_version, author, reason, sample, seen,
--    cells: [{indicator, dyad, verdict, label: null | {domain, polarity, participants, direction, status, severity, confidence, flags,
--             rules, evidence}}]}, each cell once
-- Supersedes the live rows of these cells and the decisions on them, and puts the labels given in their place. `outcome`:
--   written · replayed (this very decision is there) · outranked (a person decided before, on every cell) · meanwhile (`seen`, the
--   newest decision that the caller knew of the item, 0 for none, is not the newest on these cells) · edited (the item has
--   another revision) · removed · unknown-item. Only `written` writes.
CREATE FUNCTION put_review(p jsonb, written_at timestamptz, OUT outcome text, OUT decided integer, OUT observations integer,
  OUT dirty integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  item items;
  cells jsonb;
  gone bigint[];
  come bigint[];
BEGIN
  decided := 0;
  observations := 0;
  dirty := 0;
  -- Decisions and codings one after the other: what stands is read and replaced under one lock.
  PERFORM pg_advisory_xact_lock(hashtextextended('axiswatch roll-up', 0));

  IF EXISTS (SELECT FROM reviews r WHERE r.decision_id = (p->>'decision_id')::uuid) THEN outcome := 'replayed'; RETURN; END IF;
  SELECT * INTO item FROM items i WHERE i.id = (p->>'item_id')::uuid;
  IF NOT FOUND THEN outcome := 'unknown-item'; RETURN; END IF;
  IF item.removed_at IS NOT NULL THEN outcome := 'removed'; RETURN; END IF;
  IF item.revision <> (p->>'revision')::integer THEN outcome := 'edited'; RETURN; END IF;

  -- A person's undo of a word of the second coder stands against that coder too; any other undo leaves the cell to everybody.
  SELECT jsonb_agg(to_jsonb(c) || jsonb_build_object('replaces', r.id, 'observation_id', r.observation_id)) INTO cells
  FROM jsonb_to_recordset(p->'cells') AS c(indicator text, dyad text, verdict text, label jsonb)
  LEFT JOIN LATERAL (SELECT * FROM reviews x WHERE (x.item_id, x.indicator, x.dyad) = (item.id, c.indicator, c.dyad)
    AND x.superseded_at IS NULL OFFSET 0) r ON true
  WHERE r.id IS NULL OR coder_rank(r.coder) <= coder_rank(p->>'coder')
    OR (r.verdict = 'undo' AND EXISTS (SELECT FROM reviews x WHERE x.id = r.replaces AND x.coder = 'human'));
  IF cells IS NULL THEN outcome := 'outranked'; RETURN; END IF;
  IF EXISTS (SELECT FROM jsonb_to_recordset(cells) AS c(replaces bigint) WHERE c.replaces > (p->>'seen')::bigint) THEN
    outcome := 'meanwhile';
    RETURN;
  END IF;

  UPDATE reviews r SET superseded_at = greatest(written_at, r.reviewed_at)
  FROM jsonb_to_recordset(cells) AS c(replaces bigint) WHERE r.id = c.replaces;

  INSERT INTO reviews (decision_id, item_id, revision, indicator, dyad, verdict, coder, coder_version, codebook_version, author, reason,
    observation_id, replaces, sample, reviewed_at)
  SELECT (p->>'decision_id')::uuid, item.id, item.revision, c.indicator, c.dyad, c.verdict, p->>'coder', p->>'coder_version',
    p->>'codebook_version', p->>'author', p->>'reason',
    -- A row that a person put is no coder's label: the one decided about before remains what is judged.
    coalesce((SELECT o.id FROM observations o WHERE (o.item_id, o.indicator, o.dyad) = (item.id, c.indicator, c.dyad)
      AND o.superseded_at IS NULL AND o.coder <> 'human' ORDER BY coder_rank(o.coder) DESC, o.id DESC LIMIT 1), c.observation_id),
    c.replaces, p->>'sample', written_at
  FROM jsonb_to_recordset(cells) AS c(indicator text, dyad text, verdict text, replaces bigint, observation_id bigint);
  GET DIAGNOSTICS decided = ROW_COUNT;

  WITH left_behind AS (
    UPDATE observations o SET superseded_at = greatest(written_at, o.recorded_at)
    FROM jsonb_to_recordset(cells) AS c(indicator text, dyad text)
    WHERE (o.item_id, o.indicator, o.dyad) = (item.id, c.indicator, c.dyad) AND o.superseded_at IS NULL
    RETURNING o.id
  )
  SELECT ARRAY(SELECT id FROM left_behind) INTO gone;

  WITH put AS (
    INSERT INTO observations (item_id, revision, story_id, source_id, feed_id, bloc, family, language, day, indicator, domain,
      polarity, dyad, participants, direction, status, severity, confidence, flags, rules, evidence, coder, coder_version,
      codebook_version, recorded_at, review_id)
    SELECT item.id, item.revision, item.story_id, item.source_id, item.feed_id, s.bloc, s.family, item.language, item.day, c.indicator,
      l.domain, l.polarity, c.dyad, l.participants, l.direction, l.status, l.severity, l.confidence, l.flags, l.rules, l.evidence,
      p->>'coder', p->>'coder_version', p->>'codebook_version', written_at, r.id
    FROM jsonb_to_recordset(cells) AS c(indicator text, dyad text, label jsonb)
    CROSS JOIN LATERAL jsonb_to_record(c.label) AS l(domain text, polarity smallint, participants text[], direction text, status text,
      severity smallint, confidence real, flags text[], rules text[], evidence jsonb)
    JOIN sources s ON s.id = item.source_id
    JOIN reviews r ON (r.decision_id, r.indicator, r.dyad) = ((p->>'decision_id')::uuid, c.indicator, c.dyad)
    WHERE jsonb_typeof(c.label) = 'object'
    RETURNING id
  )
  SELECT ARRAY(SELECT id FROM put) INTO come;

  observations := cardinality(come);
  dirty := roll_up(gone, come, written_at);
  outcome := 'written';
END;
$$;
--> statement-breakpoint
-- Takes back a decision, by rows of verdict `undo`:
--   {decision_id, review_id, coder, coder_version, codebook_version, author, reason, coding: as in put_observations, of the same item}
-- `review_id` is any row of the decision. Where it had superseded another decision, that one holds again, as a new row; elsewhere
-- the coding, what the coder says now, counts again. `outcome`: written · replayed · unknown-review · is-undo · superseded (a later
-- decision, or an undo, came after it on every cell) · removed. Only `written` writes.
CREATE FUNCTION undo_review(p jsonb, written_at timestamptz, OUT outcome text, OUT decided integer, OUT observations integer,
  OUT dirty integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
AS $$
DECLARE
  target reviews;
  undone bigint[];
  gone bigint[];
  come bigint[];
  recoded record;
BEGIN
  decided := 0;
  observations := 0;
  dirty := 0;
  PERFORM pg_advisory_xact_lock(hashtextextended('axiswatch roll-up', 0));

  IF EXISTS (SELECT FROM reviews r WHERE r.decision_id = (p->>'decision_id')::uuid) THEN outcome := 'replayed'; RETURN; END IF;
  SELECT * INTO target FROM reviews r WHERE r.id = (p->>'review_id')::bigint;
  IF NOT FOUND THEN outcome := 'unknown-review'; RETURN; END IF;
  IF target.verdict = 'undo' THEN outcome := 'is-undo'; RETURN; END IF;
  IF EXISTS (SELECT FROM items i WHERE i.id = target.item_id AND i.removed_at IS NOT NULL) THEN outcome := 'removed'; RETURN; END IF;
  undone := ARRAY(SELECT r.id FROM reviews r WHERE r.decision_id = target.decision_id AND r.verdict <> 'undo' AND r.superseded_at IS NULL);
  IF cardinality(undone) = 0 THEN outcome := 'superseded'; RETURN; END IF;

  UPDATE reviews r SET superseded_at = greatest(written_at, r.reviewed_at) WHERE r.id = ANY (undone);

  INSERT INTO reviews (decision_id, item_id, revision, indicator, dyad, verdict, coder, coder_version, codebook_version, author, reason,
    observation_id, replaces, reviewed_at, superseded_at)
  SELECT (p->>'decision_id')::uuid, r.item_id, i.revision, r.indicator, r.dyad, 'undo', p->>'coder', p->>'coder_version',
    p->>'codebook_version', p->>'author', p->>'reason', r.observation_id, r.id, written_at, CASE WHEN q.verdict <> 'undo' THEN written_at END
  FROM reviews r JOIN items i ON i.id = r.item_id LEFT JOIN reviews q ON q.id = r.replaces
  WHERE r.id = ANY (undone);
  GET DIAGNOSTICS decided = ROW_COUNT;

  INSERT INTO reviews (decision_id, item_id, revision, indicator, dyad, verdict, coder, coder_version, codebook_version, author, reason,
    observation_id, replaces, restores, sample, reviewed_at)
  SELECT u.decision_id, q.item_id, q.revision, q.indicator, q.dyad, q.verdict, q.coder, q.coder_version, q.codebook_version, q.author,
    q.reason, q.observation_id, u.id, q.id, q.sample, written_at
  FROM reviews r JOIN reviews q ON q.id = r.replaces JOIN reviews u ON u.replaces = r.id AND u.decision_id = (p->>'decision_id')::uuid
  WHERE r.id = ANY (undone) AND q.verdict <> 'undo';

  WITH left_behind AS (
    UPDATE observations o SET superseded_at = greatest(written_at, o.recorded_at)
    WHERE o.item_id = target.item_id AND o.review_id = ANY (undone) AND o.superseded_at IS NULL
    RETURNING o.id
  )
  SELECT ARRAY(SELECT id FROM left_behind) INTO gone;

  WITH put AS (
    INSERT INTO observations (item_id, revision, story_id, source_id, feed_id, bloc, family, language, day, indicator, domain,
      polarity, dyad, participants, direction, status, severity, confidence, flags, rules, evidence, coder, coder_version,
      codebook_version, recorded_at, review_id)
    SELECT o.item_id, o.revision, o.story_id, o.source_id, o.feed_id, o.bloc, o.family, o.language, o.day, o.indicator, o.domain,
      o.polarity, o.dyad, o.participants, o.direction, o.status, o.severity, o.confidence, o.flags, o.rules, o.evidence, o.coder,
      o.coder_version, o.codebook_version, written_at, r.id
    FROM observations o JOIN reviews r ON r.restores = o.review_id
    WHERE o.item_id = target.item_id AND r.item_id = target.item_id AND r.decision_id = (p->>'decision_id')::uuid
    RETURNING id
  )
  SELECT ARRAY(SELECT id FROM put) INTO come;

  dirty := roll_up(gone, come, written_at);
  SELECT * INTO recoded FROM put_observations(jsonb_build_array(p->'coding'), written_at);
  observations := cardinality(come) + recoded.observations;
  dirty := dirty + recoded.dirty;
  outcome := 'written';
END;
$$;
