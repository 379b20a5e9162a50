import { isArabic, isCyrillic, isHan, isHangul } from './fold.js';

export interface Sentence {
  field: 0 | 1;
  start: number;
  end: number;
}

/** Full stops after these are part of a word. */
const ABBREVIATION =
  /(?:^|[\s(])(?:[A-Z]|U\.S|U\.N|U\.K|E\.U|Mr|Mrs|Ms|Dr|Gen|Lt|Col|Maj|Adm|Sen|Gov|St|No|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|г|гг|тыс|млн|млрд|им|ул|руб|долл)$/;

/** The title is one sentence, the summary is cut at sentence ends; both in reading order. */
export function splitSentences(title: string, summary: string): Sentence[] {
  const out: Sentence[] = [{ field: 0, start: 0, end: title.length }];
  let start = 0;
  for (let i = 0; i < summary.length; i++) {
    const sign = SIGNS[summary.charCodeAt(i)]!;
    if (sign === 0 || (sign === MAY_END && !endsSentence(summary, i))) continue;
    if (i > start) out.push({ field: 1, start, end: i + 1 });
    start = i + 1;
  }
  if (summary.slice(start).trim() !== '') out.push({ field: 1, start, end: summary.length });
  return out;
}

const ENDS = 1;
const MAY_END = 2;

/** By unit: signs that end a sentence wherever they stand, and those that do so before a space. */
const SIGNS = new Uint8Array(65536);
for (const char of '\n。！？؟') SIGNS[char.charCodeAt(0)] = ENDS;
for (const char of '.!?') SIGNS[char.charCodeAt(0)] = MAY_END;

function endsSentence(text: string, at: number): boolean {
  return (
    (at + 1 === text.length || /\s|["”»)]/.test(text[at + 1]!)) &&
    !ABBREVIATION.test(text.slice(Math.max(0, at - 8), at))
  );
}

/** Language by script, for feeds that declare none; the scripts tell apart what the phrase lists are written in. */
export function detectLanguage(title: string, summary: string): string {
  let [ko, zh, ru, fa, en] = [0, 0, 0, 0, 0];
  const length = Math.min(400, title.length + 1 + summary.length);
  for (let i = 0; i < length; i++) {
    const unit =
      i < title.length ? title.charCodeAt(i) : i === title.length ? 32 : summary.charCodeAt(i - title.length - 1);
    if (unit < 0x250) {
      if ((unit | 32) >= 97 && (unit | 32) <= 122) en += 0.4;
    } else if (isHangul(unit)) ko += 2;
    else if (isHan(unit)) zh++;
    else if (isCyrillic(unit)) ru++;
    else if (isArabic(unit)) fa++;
  }
  const most = Math.max(en, ko, zh, ru, fa);
  if (en === most) return 'en';
  if (ko === most) return 'ko';
  if (zh === most) return 'zh';
  return ru === most ? 'ru' : 'fa';
}

/** Number of the sentence at a position of a field; the title is the first of the sentences. */
export function sentenceAt(sentences: readonly Sentence[], field: 0 | 1, position: number): number {
  if (field === 0) return 0;
  for (let i = 1; i < sentences.length; i++) {
    const sentence = sentences[i]!;
    if (position >= sentence.start && position < sentence.end) return i;
  }
  return 0;
}
