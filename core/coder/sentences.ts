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
    const char = summary[i]!;
    const ends =
      char === '\n' ||
      /[。！？؟]/.test(char) ||
      (/[.!?]/.test(char) &&
        (i + 1 === summary.length || /\s|["”»)]/.test(summary[i + 1]!)) &&
        !ABBREVIATION.test(summary.slice(Math.max(0, i - 8), i)));
    if (!ends) continue;
    if (i > start) out.push({ field: 1, start, end: i + 1 });
    start = i + 1;
  }
  if (summary.slice(start).trim() !== '') out.push({ field: 1, start, end: summary.length });
  return out;
}

/** Language by script, for feeds that declare none; the scripts tell apart what the phrase lists are written in. */
export function detectLanguage(text: string): string {
  const counts = { ko: 0, zh: 0, ru: 0, fa: 0, en: 0 };
  for (let i = 0; i < text.length && i < 400; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x250) {
      if ((unit | 32) >= 97 && (unit | 32) <= 122) counts.en += 0.4;
    } else if (isHangul(unit)) counts.ko += 2;
    else if (isHan(unit)) counts.zh++;
    else if (isCyrillic(unit)) counts.ru++;
    else if (isArabic(unit)) counts.fa++;
  }
  let best: keyof typeof counts = 'en';
  for (const lang of Object.keys(counts) as Array<keyof typeof counts>) if (counts[lang] > counts[best]) best = lang;
  return best;
}
