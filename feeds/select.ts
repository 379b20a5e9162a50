/** One step of a selector: an element by name, id, classes and attributes. */
interface Simple {
  name: string | null;
  id: string | null;
  classes: string[];
  attributes: Array<{ name: string; operator: string; value: string }>;
}

/** A parsed selector: alternatives of steps, each step with how it relates to the one before. */
export type Selector = Array<Array<{ simple: Simple; isChild: boolean }>>;

/** What a selector is matched against: elements from the outermost to the one in question. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
}

const MAX_STEPS = 10;

/**
 * Parses the part of CSS selectors that a list page needs: names, `#id`, `.class`, `[attr]`, `[attr=value]` with `^= $= *= ~=`,
 * descendants, `>` and `,`. Returns null for anything else.
 */
export function parseSelector(text: string): Selector | null {
  const alternatives = text.split(',').map((part) => part.trim());
  const selector = alternatives.map(parseSteps);
  return selector.every((steps) => steps !== null) ? (selector as Selector) : null;
}

function parseSteps(text: string): Selector[number] | null {
  const words = text.match(/(?:\[[^\]]*\]|[^\s>])+|>/g) ?? [];
  const steps: Selector[number] = [];
  let isChild = false;
  for (const word of words) {
    if (word === '>') {
      if (isChild || steps.length === 0) return null;
      isChild = true;
      continue;
    }
    const simple = parseSimple(word);
    if (simple === null) return null;
    steps.push({ simple, isChild });
    isChild = false;
  }
  return steps.length === 0 || steps.length > MAX_STEPS || isChild ? null : steps;
}

function parseSimple(word: string): Simple | null {
  const simple: Simple = { name: null, id: null, classes: [], attributes: [] };
  const token = /^(?:(\*|[a-z][\w-]*)|#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:([~^$*]?=)["']?([^"'\]]*)["']?)?\])/i;
  let rest = word;
  while (rest !== '') {
    const match = token.exec(rest);
    if (!match) return null;
    const [whole, name, id, className, attribute, operator = '', value = ''] = match;
    if (name !== undefined) {
      if (rest !== word) return null;
      simple.name = name === '*' ? null : name.toLowerCase();
    } else if (id !== undefined) simple.id = id;
    else if (className !== undefined) simple.classes.push(className);
    else if (attribute !== undefined) simple.attributes.push({ name: attribute.toLowerCase(), operator, value });
    rest = rest.slice(whole.length);
  }
  return simple;
}

/** Whether the last element of `path` matches, with the elements around it, not looking further out than index `from`. */
export function matches(selector: Selector, path: Element[], from = 0): boolean {
  return selector.some((steps) => matchesFrom(steps, steps.length - 1, path, path.length - 1, from));
}

function matchesFrom(steps: Selector[number], step: number, path: Element[], at: number, from: number): boolean {
  if (at < from || !isMatch(steps[step]!.simple, path[at]!)) return false;
  if (step === 0) return true;
  if (steps[step]!.isChild) return matchesFrom(steps, step - 1, path, at - 1, from);
  for (let outer = at - 1; outer >= from; outer--) if (matchesFrom(steps, step - 1, path, outer, from)) return true;
  return false;
}

function isMatch(simple: Simple, { name, attributes }: Element): boolean {
  if (simple.name !== null && simple.name !== name) return false;
  if (simple.id !== null && attributes.id !== simple.id) return false;
  const classes = (attributes.class ?? '').split(/\s+/);
  if (!simple.classes.every((wanted) => classes.includes(wanted))) return false;
  return simple.attributes.every((wanted) => hasAttribute(attributes[wanted.name], wanted.operator, wanted.value));
}

function hasAttribute(value: string | undefined, operator: string, wanted: string): boolean {
  if (value === undefined) return false;
  switch (operator) {
    case '':
      return true;
    case '=':
      return value === wanted;
    case '^=':
      return value.startsWith(wanted);
    case '$=':
      return value.endsWith(wanted);
    case '*=':
      return value.includes(wanted);
    default:
      return value.split(/\s+/).includes(wanted);
  }
}
