import { decodeReference, LONE_SURROGATES } from './text.js';

/** What can be mended on the way from bytes to entries; a poll is flagged with the names that applied. */
export const REPAIRS = [
  'bad-reference',
  'bare-ampersand',
  'bare-less-than',
  'control-characters',
  'doctype-dropped',
  'entry-cap',
  'html-entity',
  'invalid-bytes',
  'junk-after-root',
  'junk-before-root',
  'mojibake',
  'truncated',
] as const;
export type Repair = (typeof REPAIRS)[number];

export interface Repaired {
  text: string;
  repairs: Repair[];
}

const ROOT = /<((?:[A-Za-z_][\w.-]*:)?(?:rss|feed|rdf|channel|entry))(?=[\s/>])/gi;

/**
 * Mends the faults of XML that any reader would otherwise trip over, each with a name. All steps are linear in the length
 * of the text. What is not mended here: unbalanced markup, prefixed or upper-case roots; those need another parser.
 */
export function repairXml(input: string): Repaired {
  const repairs = new Set<Repair>();
  let text = dropControls(input, repairs);
  text = dropDoctypes(text, repairs);
  text = cutBeforeRoot(text, repairs);
  text = mendReferences(text, repairs);
  text = closeRoot(text, repairs);
  return { text, repairs: [...repairs] };
}

/** The first tag that can be the root of a feed; comments may talk of such tags. */
function findRoot(text: string): RegExpExecArray | null {
  return findOutsideComments(text, ROOT);
}

/** First match of a global pattern that does not lie in a comment. */
function findOutsideComments(text: string, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = 0;
  let found = pattern.exec(text);
  let comment = text.indexOf('<!--');
  while (found && comment !== -1 && comment < found.index) {
    const end = text.indexOf('-->', comment + 4);
    if (end === -1) break;
    if (found.index < end) {
      pattern.lastIndex = end;
      found = pattern.exec(text);
    }
    comment = text.indexOf('<!--', end);
  }
  return found;
}

function dropControls(text: string, repairs: Set<Repair>): string {
  const clean = text.replace(LONE_SURROGATES, '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  // A form feed or a stray escape is worth a flag; a byte order mark in front is not.
  if (clean.length !== text.length) repairs.add('control-characters');
  return clean.replace(/^\ufeff+/, '');
}

/** Blank lines, PHP notices and the like in front of the document. */
function cutBeforeRoot(text: string, repairs: Set<Repair>): string {
  const root = findRoot(text);
  if (!root) return text;
  const head = text.slice(0, root.index);
  const declaration = head.search(/<\?xml[\s?]/i);
  // Without a declaration, comments and processing instructions may stand before the root.
  const isProlog = withoutSections(withoutSections(head, '<!--', '-->'), '<?', '?>').trim() === '';
  const start = declaration !== -1 ? declaration : isProlog ? head.length - head.trimStart().length : root.index;
  if (start > 0 && (declaration !== -1 || !isProlog)) repairs.add('junk-before-root');
  return text.slice(start);
}

/** Removes every document type with its internal subset: entity bombs and external entities go with it. */
function dropDoctypes(text: string, repairs: Set<Repair>): string {
  let result = text;
  // More than a few is an attack, and each costs a copy.
  for (let round = 0; round < 4; round++) {
    const head = findRoot(result);
    const start = findOutsideComments(result, /<!DOCTYPE/gi)?.index;
    if (start === undefined || (head && start > head.index)) return result;
    const end = doctypeEnd(result, start);
    result = result.slice(0, start) + result.slice(end);
    repairs.add('doctype-dropped');
  }
  return result;
}

function doctypeEnd(text: string, start: number): number {
  let quote = '';
  let inSubset = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === quote) quote = '';
    } else if (inSubset && text.startsWith('<!--', i)) {
      const close = text.indexOf('-->', i);
      if (close === -1) return text.length;
      i = close + 2;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '[') inSubset = true;
    else if (character === ']') inSubset = false;
    else if (character === '>' && !inSubset) return i + 1;
  }
  return text.length;
}

/** Text without the parts between two marks; linear, which a lazy regular expression is not when the second mark is missing. */
function withoutSections(text: string, open: string, close: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(open); at !== -1; at = text.indexOf(open, from)) {
    const end = text.indexOf(close, at + open.length);
    if (end === -1) break;
    parts.push(text.slice(from, at));
    from = end + close.length;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Applies `mend` to everything outside CDATA sections and comments. */
function outsideSections(text: string, mend: (part: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  let at = text.indexOf('<!');
  while (at !== -1) {
    const close = text.startsWith('<![CDATA[', at) ? ']]>' : text.startsWith('<!--', at) ? '-->' : null;
    if (close === null) {
      at = text.indexOf('<!', at + 2);
      continue;
    }
    const end = text.indexOf(close, at);
    parts.push(mend(text.slice(from, at)));
    // A section that never ends swallows the rest; closing it is the business of `closeRoot`.
    from = end === -1 ? text.length : end + close.length;
    parts.push(text.slice(at, from));
    at = end === -1 ? -1 : text.indexOf('<!', from);
  }
  parts.push(mend(text.slice(from)));
  return parts.join('');
}

/** References, and `<` that begins no tag: before anything but a name, or with another `<` before its tag is closed. */
const REFERENCE_OR_ANGLE =
  /&(#\d{1,7};|#[xX][\da-fA-F]{1,6};|[A-Za-z][A-Za-z\d]{1,31};)?|<(?![A-Za-z_:/!?\u0080-\uffff])|<(?=[A-Za-z_][^<>"'=]*<)/g;
const XML_NAMES = new Set(['amp;', 'lt;', 'gt;', 'quot;', 'apos;']);

function mendReferences(text: string, repairs: Set<Repair>): string {
  return outsideSections(text, (part) =>
    part.replace(REFERENCE_OR_ANGLE, (match: string, reference: string | undefined) => {
      if (match === '<') {
        repairs.add('bare-less-than');
        return '&lt;';
      }
      if (reference === undefined) {
        repairs.add('bare-ampersand');
        return '&amp;';
      }
      if (reference.startsWith('#')) return mendNumeric(match, reference, repairs);
      if (XML_NAMES.has(reference)) return match;
      const decoded = decodeReference(match);
      if (decoded === match) {
        repairs.add('bare-ampersand');
        return `&amp;${reference}`;
      }
      repairs.add('html-entity');
      return decoded === '<' ? '&lt;' : decoded === '&' ? '&amp;' : decoded;
    }),
  );
}

/** Numbers that XML forbids are dropped; 128 to 159 mean windows-1252, as in HTML. */
function mendNumeric(match: string, reference: string, repairs: Set<Repair>): string {
  const code = /^#[xX]/.test(reference)
    ? Number.parseInt(reference.slice(2), 16)
    : Number.parseInt(reference.slice(1), 10);
  if (code >= 0x80 && code <= 0x9f) {
    repairs.add('bad-reference');
    return decodeReference(match);
  }
  const isCharacter =
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  if (isCharacter) return match;
  repairs.add('bad-reference');
  return '';
}

/** Junk behind the root is cut; a document that ends early keeps its whole entries and is closed. */
function closeRoot(text: string, repairs: Set<Repair>): string {
  const root = findRoot(text);
  if (!root) return text;
  const name = root[1]!;
  const close = text.lastIndexOf(`</${name}`);
  if (close > root.index) {
    const end = text.indexOf('>', close);
    if (end === -1) return `${text.slice(0, close)}</${name}>`;
    const rest = text.slice(end + 1);
    if (rest.trim() === '') return text;
    // Comments are allowed there.
    if (withoutSections(rest, '<!--', '-->').trim() !== '') repairs.add('junk-after-root');
    return text.slice(0, end + 1);
  }
  const tagEnd = text.indexOf('>', root.index);
  if (tagEnd !== -1 && text[tagEnd - 1] === '/') return text.slice(0, tagEnd + 1);
  repairs.add('truncated');
  return closeAfterEntry(text, lastEntryEnd(text, root.index));
}

/** Index behind the last complete entry, or where the first one begins, or the end of the text. */
function lastEntryEnd(text: string, from: number): number {
  const closes = [...text.matchAll(/<\/(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>/gi)];
  const last = closes.at(-1);
  if (last) return last.index + last[0].length;
  const open = /<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?=[\s/>])/i.exec(text.slice(from + 1));
  return open ? from + 1 + open.index : text.length;
}

/**
 * Cuts the document at `index` (behind an entry) and closes what is open: `channel` when it has begun and not ended, then
 * the root. Used for truncated documents and for the cap on entries.
 */
export function closeAfterEntry(text: string, index: number): string {
  const kept = text.slice(0, index);
  const root = findRoot(kept);
  if (!root) return kept;
  const name = root[1]!;
  const channel = /<((?:[A-Za-z_][\w.-]*:)?channel)(?=[\s/>])/i.exec(kept.slice(root.index + 1));
  const channelOpen = channel && !kept.includes(`</${channel[1]}`);
  return `${kept}${channelOpen ? `</${channel[1]}>` : ''}</${name}>`;
}
