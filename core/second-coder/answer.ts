import { z } from 'zod';
import { type Codebook, STATUSES } from '../codebook/codebook.js';

/** More labels than this on one headline are no coding. */
const MAX_LABELS = 20;
const MAX_QUOTE = 300;

const quote = z.string().max(MAX_QUOTE);

/** What the second coder must answer; which indicators and members exist is checked by the gate, which counts what it drops. */
const answerSchema = z.object({
  labels: z
    .array(
      z.object({
        indicator: z.string().max(100),
        participants: z.array(z.object({ member: z.string().max(20), quote })).max(8),
        act: quote,
        status: z.enum(STATUSES),
        direction: z.string().max(40).nullish(),
        severity: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
        confidence: z.number().min(0).max(1),
      }),
    )
    .max(MAX_LABELS),
});

export type SecondAnswer = z.infer<typeof answerSchema>;
export type AnsweredLabel = SecondAnswer['labels'][number];

export type ReadAnswer = { kind: 'answer'; answer: SecondAnswer } | { kind: 'malformed'; why: string };

/**
 * Reads what the model wrote: one JSON object, bare, fenced, or after thoughts in `<think>`. Anything else, and an object of another
 * shape, is `malformed` with one sentence that quotes nothing of it.
 */
export function readAnswer(content: string): ReadAnswer {
  const value = parseObject(content);
  if (value === undefined) return { kind: 'malformed', why: 'the answer is not JSON' };
  const parsed = answerSchema.safeParse(value);
  if (parsed.success) return { kind: 'answer', answer: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') || 'the answer';
  return { kind: 'malformed', why: `the answer has another shape (${where.slice(0, 80)}: ${issue?.code ?? 'wrong'})` };
}

function parseObject(content: string): unknown {
  const text = content.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim();
  const fenced = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(text)?.[1];
  const from = text.indexOf('{');
  const inner = from >= 0 ? text.slice(from, text.lastIndexOf('}') + 1) : undefined;
  for (const candidate of [text, fenced, inner]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate);
    } catch (error) {
      // The next candidate may do: servers without structured output let the model write around it.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

/** The same shape as JSON Schema for servers that can hold a model to it; only keywords that strict modes know. */
export function answerJsonSchema(codebook: Codebook): object {
  const object = (properties: Record<string, object>) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  });
  const participant = object({
    member: { type: 'string', enum: codebook.members.map(({ code }) => code) },
    quote: { type: 'string' },
  });
  const label = object({
    indicator: { type: 'string', enum: codebook.indicators.map(({ id }) => id) },
    participants: { type: 'array', items: participant },
    act: { type: 'string' },
    status: { type: 'string', enum: [...STATUSES] },
    direction: { type: ['string', 'null'] },
    severity: { type: 'integer', enum: [1, 2, 3, 4, 5] },
    confidence: { type: 'number' },
  });
  return object({ labels: { type: 'array', items: label } });
}
