import { Command } from 'commander';
import { readEnv } from '../../config/env.js';
import type { CoderInput } from '../../core/coder/label.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { userAgent } from '../../runtime/user-agent.js';
import { codeFile } from '../code-file.js';
import { codeUrl } from '../code-url.js';
import { openCoder, readBloc, readLanguage, renderLabel, type Understood, vocabularyOf } from '../coder-input.js';
import { EXIT, type Io, UsageError } from '../io.js';
import { askSecond, renderOpinion, showOpinion } from '../second-opinion.js';
import { showLabels } from '../show-labels.js';

interface CodeOptions {
  json?: boolean;
  summary?: string;
  lang?: string;
  bloc?: string;
  url?: string;
  file?: string;
  out?: string;
  codebook?: string;
  second?: boolean;
}

/** `axiswatch code TEXT` explains how a text is coded, `--url` fetches it first; `--file IN --out OUT` codes a JSONL file. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('code')
    .description(
      'Code a text, an article or a feed and show the words and rules behind each label, or code a JSONL file.',
    )
    .argument('[text]', 'the headline')
    .option('--summary <text>', 'the summary under the headline')
    .option('--lang <code>', 'language of the text (ISO 639-1); default: what the page says, else by its script')
    .option('--bloc <bloc>', 'group of the outlet, for "our country"; default: of the configured source of that host')
    .option('--json', 'the labels as JSON')
    .option('--url <url>', 'code the article or the feed at this address')
    .option('--file <in>', 'JSONL of {id, title, summary, lang?, source?, bloc?, published?}; - is standard input')
    .option('--out <out>', 'where the JSONL of {id, labels} goes; - is standard output', '-')
    .option('--codebook <dir>', 'another codebook folder')
    .option('--second', 'ask the second coder about the TEXT too (one paid call); nothing is stored')
    .action(async (text: string | undefined, options: CodeOptions) => {
      if (options.second && text === undefined) throw new UsageError('code: --second goes with a TEXT');
      const given = [text, options.file, options.url].filter((value) => value !== undefined).length;
      if (given > 1) throw new UsageError('code: give one of a TEXT, --file and --url, not both');
      if (given === 0 || text?.trim() === '')
        throw new UsageError('code: nothing to code; give a TEXT, --url URL, or --file IN --out OUT');
      const { coder, data } = openCoder(io, options.codebook);
      const vocabulary = vocabularyOf(data);
      if (options.file !== undefined) {
        const skipped = await codeFile(io, coder, vocabulary, options.file, options.out ?? '-');
        if (skipped > 0) exit(EXIT.failed);
        return;
      }
      const language = understood('--lang', options.lang, (value) => readLanguage(value, vocabulary));
      const bloc = understood('--bloc', options.bloc, (value) => readBloc(value, vocabulary));
      if (options.url !== undefined) {
        const env = readEnv(io.env);
        const fetchFeed = createFetchFeed({ allowAddresses: env.allowAddresses, userAgent: userAgent(env) });
        const json = options.json === true;
        const { languages } = vocabulary;
        await codeUrl(io, coder, fetchFeed, env.configDir, options.url, { language, bloc, json, languages });
        return;
      }
      const input: CoderInput = {
        title: text ?? '',
        summary: options.summary ?? '',
        language,
        source: null,
        country: null,
        bloc,
        publishedAt: null,
      };
      const { labels, nearMisses } = coder.explain(input);
      const second = options.second ? await askSecond(io, input) : null;
      if (options.json)
        io.out.write(
          `${JSON.stringify({ id: null, labels: labels.map(renderLabel), ...(second && { second: renderOpinion(second) }) })}\n`,
        );
      else io.out.write(showLabels(coder, labels, nearMisses) + (second ? showOpinion(second) : ''));
    });
}

/** An option that a person typed may be corrected by them: what cannot be understood stops the command. */
function understood(option: string, text: string | undefined, read: (text: string) => Understood): string | null {
  if (text === undefined) return null;
  const { value, note } = read(text);
  if (value === null && note !== null) throw new UsageError(`code: ${option} "${text}" ${note}`);
  return value;
}
