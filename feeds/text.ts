import { Parser, Tokenizer } from 'htmlparser2';
import { undoMojibake } from './mojibake.js';
import { mapC1 } from './windows-1252.js';

/** How the text of a field is to be understood once the XML around it is gone. */
export type Markup = 'text' | 'html';

export interface RawText {
  value: string;
  markup: Markup;
  /** Elements, not escaped ones, stood in the field. */
  isMixed?: boolean;
}

/** Input beyond this is cut before markup is taken out: a field is a title or a summary, not a book. */
const MAX_INPUT_LENGTH = 200_000;

const BLOCKS = new Set(
  'address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);
const INLINE = new Set(
  'a abbr acronym applet area audio b base basefont bdi bdo big blink body button canvas caption cite code col colgroup command data datalist del details dfn dialog dir em embed figure font frame frameset head html i iframe img input ins kbd label legend link map mark marquee math menu meta meter nobr noframes noscript object optgroup output param picture progress q rp rt ruby s samp script select small source span strike strong style sub summary sup svg textarea time title track tt u var video wbr'.split(
    ' ',
  ),
);
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
const UNREAD = new Set(['script', 'style', 'noscript', 'template']);

/** Whether `name` is an element of HTML; anything else in angle brackets is text that somebody wrote (`<stdio.h>`). */
export function isHtmlElement(name: string): boolean {
  return BLOCKS.has(name) || INLINE.has(name);
}

/**
 * Plain text of a field: markup out, entities decoded once, white space folded, nothing that a database or a terminal
 * chokes on. In `text` fields angle brackets are kept (RFC 4287 section 3.1.1.1); one level of entities that a publisher
 * escaped too often is undone.
 *
 * @example plainText({ value: 'Peace &amp; <b>war</b>', markup: 'html' }, 100) // 'Peace & war'
 */
export function plainText(raw: RawText, maxLength: number): string {
  return readText(raw, maxLength).text;
}

/** As {@link plainText}, and whether the text was UTF-8 read as windows-1252, which is undone before anything is folded. */
export function readText({ value, markup }: RawText, maxLength: number): { text: string; isMojibake: boolean } {
  const input = value.length > MAX_INPUT_LENGTH ? value.slice(0, MAX_INPUT_LENGTH) : value;
  const text = markup === 'html' ? stripMarkup(input) : decodeEntities(input);
  const mended = undoMojibake(text);
  return { text: cutText(foldSpace(cleanText(mended ?? text)), maxLength), isMojibake: mended !== null };
}

/** Decodes the character references of HTML once; text without any is returned as it is. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});/g, (reference) =>
    decodeReference(reference),
  );
}

const known = new Map<string, string>();
/** More different references than HTML has names: numeric ones could otherwise grow the table for ever. */
const MAX_KNOWN = 5000;

/** One reference such as `&nbsp;` or `&#8217;`; an unknown one is returned as it stands. */
export function decodeReference(reference: string): string {
  const cached = known.get(reference);
  if (cached !== undefined) return cached;
  let text = '';
  const parser = new Parser({ ontext: (part) => (text += part) }, { decodeEntities: true });
  parser.end(reference);
  if (known.size < MAX_KNOWN) known.set(reference, text);
  return text;
}

/**
 * Tags out, entities decoded, block elements as spaces; a tag that is none of HTML's, or is never closed, stays as text.
 * Works on tokens, not on a tree: hostile nesting costs nothing.
 */
function stripMarkup(html: string): string {
  if (!html.includes('<')) return decodeEntities(html);
  const input = html.includes('<![CDATA[') ? html.replaceAll('<![CDATA[', '').replaceAll(']]>', '') : html;
  const closed = new Set<string>();
  for (const match of input.matchAll(/<\/([a-zA-Z][\w:-]{0,40})/g)) closed.add(match[1]!.toLowerCase());
  const parts: string[] = [];
  let unread = 0;
  let name = '';
  let openIndex = 0;
  // Words about HTML name a tag alone; one that is closed or has attributes is meant as markup.
  const isMeant = (end: number) => closed.has(name) || input.slice(openIndex, end).includes('=');
  const open = (end: number) => {
    if (UNREAD.has(name) && closed.has(name)) unread++;
    else if (BLOCKS.has(name)) parts.push(' ');
    else if (!VOID.has(name) && !(INLINE.has(name) && isMeant(end))) parts.push(input.slice(openIndex, end + 1));
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      onopentagname: (start, end) => {
        name = input.slice(start, end).toLowerCase();
        openIndex = start - 1;
      },
      onopentagend: open,
      onselfclosingtag: (end) => {
        if (isHtmlElement(name)) parts.push(BLOCKS.has(name) ? ' ' : '');
        else parts.push(input.slice(openIndex, end + 1));
      },
      onclosetag: (start, end) => {
        const closing = input.slice(start, end).toLowerCase();
        if (UNREAD.has(closing)) unread = Math.max(0, unread - 1);
        else if (BLOCKS.has(closing)) parts.push(' ');
        else if (!INLINE.has(closing)) parts.push(`</${input.slice(start, end)}>`);
      },
      ontext: (start, end) => {
        if (unread === 0) parts.push(input.slice(start, end));
      },
      ontextentity: () => {},
      onattribdata: () => {},
      onattribentity: () => {},
      onattribend: () => {},
      onattribname: () => {},
      oncdata: () => {},
      oncomment: () => {},
      ondeclaration: () => {},
      onprocessinginstruction: () => {},
      onend: () => {},
    },
  );
  tokenizer.write(input);
  tokenizer.end();
  return decodeEntities(parts.join(''));
}

/** In Unicode mode a pair is one character, so only halves without their other half match. */
export const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Takes out what no reader can show and Postgres refuses: NUL, controls, lone surrogates, non-characters. */
export function cleanText(text: string): string {
  return mapC1(text)
    .replace(LONE_SURROGATES, '')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff\ufdd0-\ufdef]/g, '');
}

/** Runs of white space (no-break space included) to one space, none at the ends. Soft hyphens and zero-width marks at the ends go too. */
export function foldSpace(text: string): string {
  return text.replace(/[\s\u00a0\u200b\ufeff]+/g, ' ').trim();
}

/** Cuts at `maxLength` UTF-16 units without splitting a character. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return text
    .slice(0, maxLength)
    .replace(LONE_SURROGATES, '')
    .replace(/\ufffd$/, '')
    .trimEnd();
}
