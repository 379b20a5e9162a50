import type { Codebook } from '../core/codebook/codebook.js';
import type { Coder } from '../core/coder/label.js';
import { type Coding, changesStore, forecast } from '../core/recode/coding.js';
import { type LiveLabel, type Move, movesOf } from '../core/recode/moves.js';
import { type StoredPage, unpackTexts } from '../core/recode/stored-page.js';
import type { SourceFacts } from '../db/recode-pages.js';
import { coderInput, labelItem } from './code-items.js';

/** An item that the coder broke on: it keeps the labels it has. */
export interface BrokenItem {
  itemId: string;
  title: string;
  message: string;
}

/** A page coded again: only what differs from the store, so that it is small whatever the page was. */
export interface CodedPage {
  items: number;
  /** Items with a label now. */
  labelled: number;
  broken: BrokenItem[];
  /** By item id. */
  codings: Coding[];
  /** What writing the codings is going to move. */
  moves: Move[];
}

const NO_LABELS: readonly LiveLabel[] = [];
const NO_CELLS: ReadonlySet<string> = new Set();

/** Codes every item of a page and keeps those whose labels the store does not have like this. Pure but for its coder. */
export function codePage(
  coder: Coder,
  codebook: Codebook,
  sources: ReadonlyMap<string, SourceFacts>,
  page: StoredPage,
): CodedPage {
  const texts = unpackTexts(page.texts);
  const liveOf = groupByItem(page.live);
  const decidedOf = new Map(page.decided.map(({ itemId, cells }) => [itemId, new Set(cells)]));
  const coded: CodedPage = { items: texts.length, labelled: 0, broken: [], codings: [], moves: [] };
  const before: LiveLabel[] = [];
  const after: LiveLabel[] = [];
  texts.forEach((text, index) => {
    const { id, sourceId, revision, day, title } = text;
    const { country, bloc } = sources.get(sourceId) ?? { country: null, bloc: null };
    let labels: Coding['labels'];
    try {
      labels = labelItem(coder, codebook, coderInput(text, { sourceId, country, bloc }));
    } catch (error) {
      coded.broken.push({ itemId: id, title, message: error instanceof Error ? error.message : String(error) });
      return;
    }
    const live = liveOf.get(id) ?? NO_LABELS;
    if (labels.length > 0) coded.labelled++;
    else if (live.length === 0) return;
    const coding: Coding = { itemId: id, revision, day, labels, position: index + 1 };
    const decided = decidedOf.get(id) ?? NO_CELLS;
    if (!changesStore(coding, toName(coder), live, decided)) return;
    coded.codings.push(coding);
    before.push(...live);
    after.push(...forecast(coding, toName(coder), live, decided));
  });
  return { ...coded, moves: movesOf(before, after) };
}

function groupByItem(labels: readonly LiveLabel[]): Map<string, LiveLabel[]> {
  const items = new Map<string, LiveLabel[]>();
  for (const label of labels) items.set(label.itemId, [...(items.get(label.itemId) ?? []), label]);
  return items;
}

const toName = ({ name, version, codebookVersion }: Coder) => ({ name, version, codebookVersion });
