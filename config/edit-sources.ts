import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { Failure } from '../core/errors.js';
import { checkSources } from './load.js';
import type { SourceInput } from './opml.js';
import { ConfigProblems } from './problem.js';

/**
 * The text of `sources.yaml` with sources added at its end; comments and layout of what is there stay. Throws
 * {@link ConfigProblems} when the file is wrong before or would be afterwards; nothing is half added.
 *
 * @param file path for messages
 */
export function addSources(text: string, file: string, sources: readonly SourceInput[]): string {
  refuseProblems(text, file);
  const document = parseDocument(text);
  if (document.contents === null) document.contents = document.createNode({}) as never;
  let list = document.get('sources');
  if (!isSeq(list)) {
    list = document.createNode([]);
    document.set('sources', list);
  }
  if (!isSeq(list)) throw new Error('sources is no list');
  // A new list is written `[]`; entries do not belong on that line.
  list.flow = false;
  for (const source of sources) {
    const node = document.createNode(source) as YAMLMap;
    node.spaceBefore = list.items.length > 0;
    list.items.push(node);
  }
  const edited = document.toString({ lineWidth: 0 });
  refuseProblems(edited, file);
  return edited;
}

/** The text with one more feed in a source that is there. Throws {@link ConfigProblems} like {@link addSources}. */
export function addFeed(text: string, file: string, sourceId: string, feed: SourceInput['feeds'][number]): string {
  refuseProblems(text, file);
  const document = parseDocument(text);
  const list = document.get('sources');
  const source = isSeq(list) ? list.items.find((item) => isMap(item) && item.get('id') === sourceId) : undefined;
  const feeds = isMap(source) ? source.get('feeds') : undefined;
  if (!isSeq(feeds)) throw new Error(`no source "${sourceId}"`);
  feeds.flow = false;
  feeds.items.push(document.createNode(feed));
  const edited = document.toString({ lineWidth: 0 });
  refuseProblems(edited, file);
  return edited;
}

/**
 * Puts a new text in place of a file in one step: whoever reads meanwhile sees the old file or the new one. Throws
 * {@link Failure} `unavailable` when this user may not write there.
 */
export function replaceFile(file: string, text: string): void {
  const next = `${file}.${process.pid}.new`;
  try {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o644;
    writeFileSync(next, text, { mode });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new Failure('unavailable', `${file} cannot be written (${code}); nothing was changed`, { cause: error });
  }
}

function refuseProblems(text: string, file: string): void {
  const { problems } = checkSources(text, file);
  if (problems.length > 0) throw new ConfigProblems(problems);
}
