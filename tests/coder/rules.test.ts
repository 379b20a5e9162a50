import { describe, expect, it } from 'vitest';
import { coder, input, short } from './support.js';

/** Rules of the codebook with examples: id, text (headline || summary), labels, and what else the reader must know. */
const CASES: Array<[rule: string, text: string, expected: string[], more?: { bloc?: string; publishedAt?: Date }]> = [
  ['G1 no background knowledge', 'Russia hails anniversary of treaty', []],
  ['G2 two names are not enough', 'Moscow and Pyongyang shiver in record cold', []],
  ['G2 two names are not enough', 'Iran floods kill dozens; China counts cost of typhoon', []],
  [
    'G3 the beneficiary takes part',
    "Russia vetoes UN sanctions monitors' mandate on North Korea",
    ['pol.un-cover PRK-RUS'],
  ],
  [
    'G4 several faces of one visit',
    'Putin and Kim sign partnership treaty after summit talks in Pyongyang',
    ['pol.leader-meetings PRK-RUS', 'pol.treaties PRK-RUS'],
  ],
  ['G7 warm words without an act', 'Russia and China are neighbours with a long border', []],
  ['G9 use of a weapon alone', 'Shahed drones hit Kharkiv overnight, Russia claims port struck', []],
  [
    'G9 use with its supplier',
    'Russia fires ballistic missiles supplied by North Korea at Kyiv, White House says',
    ['mil.arms-transfer PRK-RUS'],
  ],
  ['G11 quantities', "China's imports of Russian oil hit record in May, customs data show", ['econ.energy CHN-RUS']],
  ['G12 refusal', 'Russia has still not delivered the Su-35 jets that Iran paid for', ['mil.restraint IRN-RUS']],
  ['G16 no pair can be told', 'Korea sends envoy to Moscow', []],
  ['G19 fiction and games', 'War game pairs Russia and China against allies in novel scenario', []],
  ['G19 chess', 'Chess: Russian grandmaster draws with Chinese champion', []],
  ['G21 a collective noun alone', 'Axis of upheaval worries NATO planners', []],
  ['G26 parallel acts', 'Russia and Iran each condemn US in separate statements on Venezuela', []],
  [
    'G30 shielding a third',
    'Russia and China veto UN resolution to tighten sanctions on North Korea',
    ['pol.un-cover CHN-PRK-RUS'],
  ],
  ['G34 criticism', 'Tehran summons Russian ambassador over statement on three islands', ['pol.divergence IRN-RUS']],
  [
    'G37 proxies count as their patron',
    'US says Chinese satellite firm gives Houthis imagery to target warships',
    ['mil.intel-space CHN-IRN'],
  ],
  ['E1 visit with an outsider', 'Lukashenko visits Beijing for talks with Xi', []],
  ['E1 visit with an outsider', 'Zelensky asks Xi to press Russia for peace', []],
  ['E2 one named member', 'BRICS finance ministers meet in Brazil, Russia urges new bank', []],
  ['E3 before 2014', 'How Stalin and Mao armed Kim: papers of the Korean War', []],
  ['E4 denial of an act', 'Iran denies sending missiles to Russia', ['mil.arms-transfer IRN-RUS']],
  ['E5 conditional', 'What if Russia and China went to war?', []],
  ['E6 one member alone', 'North Korea fires artillery during US-South Korea drill', []],
  ['E6 one member alone', 'China encircles Taiwan in drill; Moscow silent', []],
  ['E9 sport', 'Iran beat North Korea 4-1 in World Cup qualifier', []],
  ['E10 Georgia and Turkey', 'Russia and Georgia resume flights; Turkey asks Iran for gas', []],
  ['E11 the other Korea', 'South Korea sells howitzers to Poland as Russia protests', []],
  ['E11 the other Korea', 'Seoul and Beijing reopen military hotline', []],
  ['E12 Taiwan', 'Taiwan firm ships chips to Russia via Turkey', []],
  ['E13 Iraqi is not Iranian', 'Iraqi minister meets Putin in Moscow', []],
  ['E14 born persons', 'Russian-born pianist charms Chinese audience', []],
  ['E16 Axis Bank', 'Axis Bank shares rise on China and Russia exposure', []],
  ['E21 Belarus', 'Belarusian and Russian troops drill near Polish border', []],
  ['E22 opinion', 'Opinion: China will not save Russia', []],
  ['E24 an outsider asks', 'Trump urges China to help end war in Ukraine', []],
  ['E25 birthday messages', 'Kim Jong Un sends birthday greetings to Putin', ['pol.leader-meetings PRK-RUS']],
  ['masks', 'South China Sea storm spares Persian Gulf shipping', []],
  ['masks', 'Moscow, Idaho bakery sells Chinese New Year cakes', []],
  ['masks', '俄亥俄州火车脱轨，中方企业未受影响', []],
  ['masks', '白俄罗斯总统访问北京', []],
  ['masks', '북중미 월드컵 앞두고 이란성 쌍둥이 화제', []],
  ['masks', 'چین و چروک پوست و روسری تازه در تهران', []],
  ['masks', 'В Китай-городе открыли корейский ресторан', []],
  ['compounds', '中俄海军在日本海举行联合演习', ['mil.exercises CHN-RUS']],
  ['compounds', '북러 정상회담 평양서 개최', ['pol.leader-meetings PRK-RUS']],
  ['compounds', '俄朝签署全面战略伙伴关系条约', ['pol.treaties PRK-RUS']],
  ['compounds', '조로 전략적동반자관계에 관한 조약 체결', ['pol.treaties PRK-RUS']],
  [
    'our country',
    'Товарооборот нашей страны с Китаем вырос до рекорда',
    ['econ.trade-investment CHN-RUS'],
    { bloc: 'russian' },
  ],
  ['our country', '我国与俄罗斯贸易额再创新高', ['econ.trade-investment CHN-RUS'], { bloc: 'chinese' }],
  ['our country of an outsider', 'Товарооборот нашей страны с Китаем вырос до рекорда', [], { bloc: 'western' }],
  [
    'terms of office: a minister of defence',
    'Shoigu meets Li Shangfu in Moscow',
    ['mil.defence-diplomacy CHN-RUS'],
    { publishedAt: new Date('2023-04-18') },
  ],
  [
    'joint action',
    'Warships of China, Russia and Iran hold joint drill in Gulf of Oman',
    ['mil.exercises CHN-IRN-RUS'],
  ],
  ['two buyers of one seller are two pairs', 'North Korean workers toil in Russia', ['econ.labour PRK-RUS']],
];

describe('rules of the codebook', () => {
  it.each(CASES)('%s: %s', (_, text, expected, more = {}) => {
    const [title = '', summary = ''] = text.split(' || ');
    expect(short(coder.code(input(title, { summary, ...more })))).toEqual(expected);
  });
});

describe('status', () => {
  it.each([
    ['occurred', 'Russia and North Korea sign partnership treaty in Pyongyang'],
    ['alleged', 'North Korea has shipped a million shells to Russia, Seoul says'],
    ['denied', 'Iran denies supplying missiles to Russia'],
    ['announced', 'Kim Jong Un to visit Russia next month to meet Putin'],
    ['alleged', 'US sanctions Chinese firms for supplying drone parts to Iran'],
    ['occurred', 'China and Russia hold joint naval drill in Sea of Japan'],
  ])('%s: %s', (status, title) => {
    const labels = coder.code(input(title));
    expect(labels.map((l) => l.status)).toContain(status);
  });
});
