import { Command, Option } from 'commander';
import type { ParameterProblem, Parameters } from '../core/trends/parameters.js';
import type { AskContext, Question } from '../server/api/context.js';
import { PARAMETER_DOCS } from '../server/api/questions.js';
import { renderCsv, renderJson } from '../server/render.js';
import { type Io, UsageError } from './io.js';
import { type OpenContext, withContext } from './open-context.js';

/** How many characters a line may have, and whether it may be coloured. */
export interface Screen {
  width: number;
  colour: boolean;
}

type Options = Record<string, unknown> & { json?: boolean; csv?: boolean };

/**
 * A command that asks one question of the API: an option for each of its parameters, `--json` and `--csv` with the API's own
 * bytes, and a table for people otherwise.
 */
export function buildQuestion<B>(
  io: Io,
  name: string,
  description: string,
  question: Question<B>,
  show: (body: B, context: OpenContext, screen: Screen) => Promise<string> | string,
): Command {
  const command = new Command(name).description(description);
  for (const parameter of question.parameters) {
    if (parameter === 'format') continue;
    const flag = `--${parameter.replaceAll('_', '-')}`;
    const option = new Option(
      parameter === 'labelled' ? `${flag} [true or false]` : `${flag} <value>`,
      PARAMETER_DOCS[parameter],
    );
    command.addOption(option.argParser((value: string, before: string[] = []) => [...before, value]));
  }
  addOutputOptions(command);
  command.action(async (options: Options) => {
    const text = await withContext(io, `axiswatch ${name}`, async (context) => {
      const body = await ask(context, question, parametersOf(options, question.parameters));
      if (options.json) return renderJson(body);
      if (options.csv) return renderCsv(question, body);
      return show(body, context, screenOf(io));
    });
    io.out.write(text);
  });
  return command;
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', "the API's body").conflicts('csv'))
    .option('--csv', 'comma-separated values');
}

async function ask<B>(context: AskContext, question: Question<B>, parameters: Parameters): Promise<B> {
  const asked = await question.ask(context, parameters);
  if (asked.kind === 'answer') return asked.body;
  throw new UsageError(asked.kind === 'missing' ? asked.detail : describeProblems(asked.problems));
}

/** One line per problem, with what would do where the list is short enough to read. */
export function describeProblems(problems: ParameterProblem[]): string {
  return problems
    .map(({ parameter, message, allowed, nearest }) => {
      const list = allowed && nearest === null && allowed.length <= 40 ? `\n  allowed: ${allowed.join(', ')}` : '';
      return `--${parameter.replaceAll('_', '-')}: ${message}${list}`;
    })
    .join('\n');
}

function parametersOf(options: Options, names: readonly string[]): Parameters {
  const parameters: Parameters = {};
  for (const name of names) {
    const value = options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === true) parameters[name] = ['true'];
    else if (Array.isArray(value)) parameters[name] = value as string[];
  }
  return parameters;
}

/** Colours only on a terminal and never against NO_COLOR (no-color.org); the width of the terminal, else 100. */
export function screenOf(io: Io): Screen {
  const out = io.out as Io['out'] & { columns?: number };
  const wanted = !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  return { width: out.columns ?? 100, colour: wanted && (out.isTTY === true || Boolean(io.env.FORCE_COLOR)) };
}
