import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  type ApiResponseOptions,
} from '@nestjs/swagger';
import { z } from 'zod';
import { components, problemSchema } from './schemas.js';

type JsonSchema = Record<string, unknown>;
type AnswerOptions = ApiResponseOptions & { status: number };

/** What routes answer when Postgres, or a key of the settings, is missing; for `problems`. */
export const DATABASE_AWAY = { 503: 'The database is away; Retry-After says when to ask again.' };
export const NO_KEY_TO_ENCRYPT = {
  503: 'The database is away, or LIVETAP_SECRETS_KEYS does not hold a key to encrypt secrets with.',
};

export interface OperationAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default application/json; several where the request decides. */
  readonly mediaType?: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OperationOptions {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: z.ZodObject;
  /** Header parameters by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly z.ZodType[];
  /** It may be left out. */
  readonly bodyOptional?: boolean;
  /** What the body is, where it is text/csv. */
  readonly csv?: string;
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** Statuses beside those that every route can give, with what they mean here. */
  readonly problems?: Readonly<Record<number, string>>;
}

const EVERYWHERE: Readonly<Record<number, string>> = {
  403: 'The Host header names another machine, or the role of the key does not reach.',
  414: 'The address, or one part of it, is too long.',
  500: 'A mistake of the service.',
  503: 'The service is starting or stopping; Retry-After says when to ask again.',
};
/** Longest part of an address, for example a pasted link to a profile. */
export const MAX_PARAMETER_LENGTH = 500;
const WITH_BODY: Readonly<Record<number, string>> = {
  400: 'A field is wrong; `errors` says which.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is of another type.',
};

/** The schema as the document holds it: named ones as references. */
export function reference(schema: z.ZodType): JsonSchema {
  const id = components.get(schema)?.id;
  return id === undefined ? inline(schema) : { $ref: `#/components/schemas/${id}` };
}

function inline(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

/**
 * Marks a handler as a route of REST, with all that the OpenAPI document says about it. What concerns keys is added there from
 * the table of roles.
 */
export function Operation(options: OperationOptions): MethodDecorator {
  const { summary, description, tag, query, body } = options;
  const problems = {
    ...EVERYWHERE,
    ...(options.params ? { 400: 'What the address names is no such name or id.' } : {}),
    ...(body || options.csv !== undefined ? WITH_BODY : {}),
    ...(query && !body ? { 400: 'A parameter is wrong; `errors` says which.' } : {}),
    ...options.problems,
  };
  return applyDecorators(
    ApiOperation({ summary, tags: [tag], ...(description === undefined ? {} : { description }) }),
    ...Object.entries(options.params ?? {}).map(([name, text]) =>
      ApiParam({ name, description: text, schema: { type: 'string', minLength: 1, maxLength: MAX_PARAMETER_LENGTH } }),
    ),
    ...(query ? queryParameters(query) : []),
    ...(body ? [ApiBody({ required: options.bodyOptional !== true, schema: bodySchema(body) as never })] : []),
    ...(options.csv === undefined ? [] : csvBody(options.csv)),
    ...Object.entries(options.answers).map(([status, answer]) => ApiResponse(answerOptions(Number(status), answer))),
    ...Object.entries(problems).map(([status, text]) => ApiResponse(problemOptions(Number(status), text))),
  );
}

function csvBody(description: string): MethodDecorator[] {
  return [
    RouteConfig({ csv: true }),
    ApiConsumes('text/csv'),
    ApiBody({ required: true, schema: { type: 'string', minLength: 1, description } }),
  ];
}

function bodySchema(body: readonly z.ZodType[]): JsonSchema {
  const [only, ...others] = body.map(reference);
  return others.length === 0 ? (only ?? {}) : { oneOf: [only, ...others] };
}

function queryParameters(query: z.ZodObject): MethodDecorator[] {
  const { properties = {}, required = [] } = inline(query) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema;
    return ApiQuery({
      name,
      required: required.includes(name),
      schema: rest,
      ...(typeof description === 'string' ? { description } : {}),
    });
  });
}

function answerOptions(status: number, answer: OperationAnswer): AnswerOptions {
  const headers = Object.entries(answer.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' as const } },
  ]);
  return {
    status,
    description: answer.description,
    ...(answer.schema || answer.mediaType
      ? {
          content: Object.fromEntries(
            [answer.mediaType ?? 'application/json']
              .flat()
              .map((type) => [type, { schema: answer.schema ? reference(answer.schema) : { type: 'string' } }]),
          ),
        }
      : {}),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as never }),
  };
}

export function problemOptions(status: number, description: string): AnswerOptions {
  return {
    status,
    description,
    content: { 'application/problem+json': { schema: reference(problemSchema) } },
  };
}
