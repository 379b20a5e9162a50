import type { CodebookData } from '../../core/codebook/data.js';
import { CODEBOOK } from '../server/ask-world.js';

/** What the coder needs to read the sample world: names of its members and two acts. */
export const REVIEW_DATA: CodebookData = {
  codebook: CODEBOOK,
  members: CODEBOOK.members.map((member) => ({ ...member, bloc: null })),
  gazetteer: [name('AAA', 'Alphaland', 'Alphas'), name('BBB', 'Betaland', 'Betas'), name('CCC', 'Gammaland', 'Gammas')],
  lexicon: {},
  cues: {},
  concepts: { aid: { en: ['arms', 'helps'] }, trade: { en: ['trade'] } },
  patterns: [act('aid', 'mil.aid'), act('trade', 'econ.trade')],
  priority: CODEBOOK.indicators.map(({ id }) => id),
  irregularVerbs: {},
  masks: {},
  rules: [],
  severity: {},
  guidance: {},
  weights: {},
  settings: {
    threshold: 0.5,
    nearMiss: 0.25,
    links: {},
    dampers: [],
    public: ['mil.aid', 'econ.trade'],
    severity: { 'econ.trade': 2 },
    calibration: { intercept: 0, slope: 1 },
  },
  model: null,
};

function name(member: string, ...forms: string[]): CodebookData['gazetteer'][number] {
  return {
    id: `${member}.name`,
    member,
    kind: 'state',
    forms: { en: forms },
    ambig: [],
    from: null,
    until: null,
    context: [],
  };
}

function act(concept: string, indicator: string): CodebookData['patterns'][number] {
  return {
    id: concept,
    indicator,
    all: [concept],
    none: [],
    noneItem: [],
    scope: 'sentence',
    grouping: 'pair',
    near: 0,
    kinds: [],
    weight: 0.86,
    status: null,
    severity: null,
    direction: null,
    flags: [],
  };
}
