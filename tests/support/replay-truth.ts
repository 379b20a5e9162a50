import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DomUtils, parseDocument } from 'htmlparser2';

const FOLDER = fileURLToPath(new URL('../../../shared/corpus/replay/', import.meta.url));

export interface Snapshot {
  feed: string;
  file: string;
  polledAt: Date;
  body: Buffer;
}

/** Three real newspaper feeds as they stood at successive polls. Throws when the corpus is not beside the project. */
export function replaySnapshots(): Snapshot[] {
  if (!existsSync(FOLDER)) throw new Error(`the replay corpus is missing: ${FOLDER}`);
  return readFileSync(`${FOLDER}index.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { feed, file, polled_at } = JSON.parse(line);
      return { feed, file, polledAt: new Date(polled_at), body: readFileSync(`${FOLDER}${file}`) };
    });
}

/**
 * What a reader would have seen of one feed: every guid with the texts it showed, in order, each text once. Made with another
 * parser and another notion of text than the product's: the first `item` of each guid in a document, visible text only.
 */
export function truthOf(snapshots: readonly Snapshot[], feed: string): Map<string, string[]> {
  const truth = new Map<string, string[]>();
  for (const { body } of snapshots.filter((one) => one.feed === feed)) {
    const inThis = new Set<string>();
    const document = parseDocument(body.toString('utf8'), { xmlMode: true });
    for (const item of DomUtils.getElementsByTagName('item', document)) {
      const field = (name: string) =>
        DomUtils.textContent(DomUtils.getElementsByTagName(name, item.children, false)).trim();
      const guid = field('guid');
      if (guid === '' || inThis.has(guid)) continue;
      inThis.add(guid);
      const text = `${visible(field('title'))}\n${visible(field('description'))}`;
      const texts = truth.get(guid) ?? [];
      if (!texts.includes(text)) texts.push(text);
      truth.set(guid, texts);
    }
  }
  return truth;
}

function visible(markup: string): string {
  return DomUtils.innerText(parseDocument(markup).children).replace(/\s+/g, ' ').trim();
}
