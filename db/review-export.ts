import { type DecidedRow, type GoldLabel, goldLabels } from '../core/review/gold-item.js';
import type { Sql } from './client.js';

export interface ExportedItem {
  id: string;
  title: string;
  summary: string;
  lang: string | null;
  /** The day that the item counts on. */
  published: string;
  source: string;
  bloc: string;
  labels: GoldLabel[];
  story: string;
  kind: 'positive' | 'hard-negative';
}

interface Row extends Omit<ExportedItem, 'labels' | 'kind'> {
  rows: Array<DecidedRow & { coder: string }>;
}

/**
 * Items that people decided on, with the labels that they put, in the gold format; an item whose labels were all rejected is a hard
 * negative. Without `isPartial` only items of which every live label is a person's, and whose text was not edited since:
 * elsewhere a missing label would not mean that there is none.
 */
export async function exportGold(
  sql: Sql,
  { isPartial }: { isPartial: boolean },
): Promise<{ lines: ExportedItem[]; skipped: number }> {
  const found = await sql<Array<Row & { isEdited: boolean }>>`
    select i.id, coalesce(t.title, i.title) as title, coalesce(t.summary, i.summary) as summary, i.language as lang,
      i.day as published, i.source_id as source, s.bloc, i.story_id as story, d.revision < i.revision as "isEdited",
      coalesce((select json_agg(json_build_object('indicator', o.indicator, 'dyad', o.dyad, 'participants', o.participants,
          'status', o.status, 'severity', o.severity, 'evidence', o.evidence, 'coder', o.coder) order by o.indicator, o.dyad)
        from observations o where o.item_id = i.id and o.superseded_at is null), '[]') as rows
    from (
      -- A cell that a correction left is spoken for by the cells that it went to.
      select r.item_id, min(r.revision) as revision from reviews r
      where r.superseded_at is null and r.verdict <> 'undo' and r.coder = 'human' and not (r.verdict = 'correct'
        and not exists (select from observations h where h.item_id = r.item_id and h.review_id = r.id))
      group by 1
    ) d
      join items i on i.id = d.item_id and i.removed_at is null join sources s on s.id = i.source_id
      left join revisions t on t.item_id = i.id and t.revision = d.revision
    order by i.day, i.id`;
  const lines: ExportedItem[] = [];
  for (const { rows, isEdited, ...item } of found) {
    const decided = rows.filter(({ coder }) => coder === 'human');
    if (!isPartial && (decided.length < rows.length || isEdited)) continue;
    const labels = goldLabels(decided);
    // Nothing is known of an item when what people rejected is not all that it has.
    if (labels.length === 0 && decided.length < rows.length) continue;
    const { story, ...fields } = item;
    lines.push({ ...fields, labels, story, kind: labels.length > 0 ? 'positive' : 'hard-negative' });
  }
  return { lines, skipped: found.length - lines.length };
}
