/** An answer that is not 2xx, with the problem's own words. `status` 0: no answer at all. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = '',
  ) {
    super(message);
    this.name = 'ApiProblem';
  }
}

/** What to tell a person about a failure. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'That did not work.';
}

export async function problemOf(answer: Response): Promise<ApiProblem> {
  const body = (await answer.json().catch(() => ({}))) as {
    detail?: string;
    title?: string;
    code?: string;
    errors?: { pointer: string; detail: string }[];
  };
  const faults = (body.errors ?? []).map(({ pointer, detail }) => `${pointer.replace(/^\//, '')} ${detail}`);
  const words = faults.length > 0 ? faults.slice(0, 3).join('; ') : (body.detail ?? body.title);
  return new ApiProblem(answer.status, words ?? `The service answered ${answer.status}.`, body.code);
}
