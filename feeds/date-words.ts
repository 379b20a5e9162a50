/**
 * Zone names in hours east of UTC: RFC 822 section 5.1 and those that newspapers write. Where a name is used twice on Earth
 * the reading of newspapers is taken (IST is India, BST is Britain, CST is Chicago).
 */
const ZONES = new Map(
  `Z 0 UT 0 UTC 0 GMT 0 WET 0 WEST 1 BST 1 CET 1 MET 1 MEZ 1 WAT 1 CEST 2 MEST 2 MESZ 2 EET 2 SAST 2 CAT 2 EEST 3 MSK 3 TRT 3 EAT 3
   IRST 3.5 MSD 4 SAMT 4 GST 4 IRDT 4.5 AFT 4.5 YEKT 5 PKT 5 UZT 5 IST 5.5 NPT 5.75 OMST 6 ALMT 6 KRAT 7 ICT 7 WIB 7
   IRKT 8 HKT 8 SGT 8 PHT 8 AWST 8 YAKT 9 JST 9 KST 9 ACST 9.5 VLAT 10 AEST 10 ACDT 10.5 AEDT 11 MAGT 11 PETT 12 NZST 12 NZDT 13
   NDT -2.5 ADT -3 BRT -3 ART -3 NST -3.5 AST -4 EDT -4 CLT -4 EST -5 ET -5 CDT -5 CST -6 CT -6 MDT -6 MST -7 MT -7 PDT -7 PST -8 PT -8 AKDT -8 AKST -9 HST -10`
    .split(/\s+/)
    .reduce<Array<[string, number]>>((pairs, word, i, words) => {
      if (i % 2 === 0) pairs.push([word, Number(words[i + 1]) * 60]);
      return pairs;
    }, []),
);

/** Offset of a named zone in minutes east of UTC; undefined for a word that is none. */
export function zoneNamed(word: string): number | undefined {
  return ZONES.get(word.toUpperCase());
}

/** Month names in English, Russian, French, German, Spanish, Italian, Portuguese, Dutch and Polish, January first. */
const MONTHS = [
  'jan january янв январь января janv janvier jän jänner januar ene enero gen gennaio janeiro januari styczeń stycznia',
  'feb february фев февраль февраля fév févr février februar feber febrero febbraio fev fevereiro februari luty lutego',
  'mar march мар март марта mars mär mrz märz marz maerz marzo março marco mrt maart marzec marca',
  'apr april апр апрель апреля avr avril abr abril aprile kwiecień kwietnia',
  'may май мая mai mayo mag maggio maio mei maj maja',
  'jun june июн июнь июня juin juni junio giu giugno junho czerwiec czerwca',
  'jul july июл июль июля juil juillet juli julio lug luglio julho lipiec lipca',
  'aug august авг август августа aoû août aout ago agosto augustus sierpień sierpnia',
  'sep sept september сен сент сентябрь сентября septembre septiembre set settembre setembro wrzesień września',
  'oct october окт октябрь октября octobre okt oktober octubre ott ottobre out outubro październik października',
  'nov november ноя нояб ноябрь ноября novembre noviembre novembro listopad listopada',
  'dec december дек декабрь декабря déc décembre dez dezember dic diciembre dicembre dezembro grudzień grudnia',
];
const MONTH_BY_WORD = new Map(MONTHS.flatMap((words, i) => words.split(' ').map((word) => [word, i + 1] as const)));

/** Number of a month, 1 to 12, from its name or a cut form of four letters or more (`Septem`); undefined for another word. */
export function monthNamed(word: string): number | undefined {
  const folded = word.normalize('NFC').toLowerCase();
  const exact = MONTH_BY_WORD.get(folded);
  if (exact !== undefined || folded.length < 4) return exact;
  return [...MONTH_BY_WORD].find(([name]) => name.startsWith(folded))?.[1];
}
