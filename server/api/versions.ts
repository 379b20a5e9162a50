import { nearestValue } from '../../core/nearest.js';
import type { ParameterProblem, Parameters } from '../../core/trends/parameters.js';
import { hasCoded, listCodebooks, listCoders, loadCodebookVersion } from '../../db/versions.js';
import type { AskContext } from './context.js';

/** Kinds of coders that may be asked for before they have said anything. */
const KINDS = ['rules', 'llm', 'human'];

/**
 * The context of a question that may name a codebook or a coder version. An older codebook brings its own members, domains and
 * indicators; a version that never coded anything here is a mistake, answered with those that did.
 */
export async function openVersions<C extends AskContext>(
  context: C,
  parameters: Parameters,
): Promise<{ context: C; problems: ParameterProblem[] }> {
  const problems: ParameterProblem[] = [];
  const wanted = only(parameters.codebook);
  let { codebook } = context;
  if (wanted !== null && wanted !== codebook.version) {
    const stored = await loadCodebookVersion(context.sql, wanted);
    if (stored) codebook = stored;
    else problems.push(refuse('codebook', wanted, [codebook.version, ...(await listCodebooks(context.sql))]));
  }
  const coder = only(parameters.coder);
  const present = context.coderVersion.split(' ');
  const kinds = [...present, ...KINDS];
  if (coder !== null && !kinds.includes(coder) && !(await hasCoded(context.sql, coder)))
    problems.push(refuse('coder', coder, [...kinds, ...(await listCoders(context.sql))]));
  return { context: codebook === context.codebook ? context : { ...context, codebook }, problems };
}

/** A single value that a version could be; everything else is told by the reader of parameters. */
function only(values: string[] | undefined): string | null {
  const value = values?.length === 1 ? (values[0] ?? '').trim() : '';
  return value === '' || value.includes(',') || /\p{Cc}/u.test(value) || value.length > 200 ? null : value;
}

function refuse(parameter: 'codebook' | 'coder', value: string, known: string[]): ParameterProblem {
  const allowed = [...new Set(known)].sort();
  const nearest = nearestValue(value, allowed);
  const hint = nearest === null ? '' : `, did you mean "${nearest}"?`;
  const what = parameter === 'codebook' ? 'codebook version' : 'coder or coder version';
  return {
    parameter,
    message: `no ${what} "${value}" ever coded anything here${hint}; known: ${allowed.join(', ')}`,
    allowed,
    nearest,
  };
}
