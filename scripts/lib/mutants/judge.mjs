// What the run of the tests says about a mutant.

/**
 * `killed`: a test that was named failed with an assertion. `survived`: all tests passed. `invalid`: anything else (the
 * mutant does not load, a test fails for another reason than an assertion, nothing was run, nothing ended in time): such a
 * mutant proves nothing about the tests.
 * @param run of `runTests`
 * @param killers the tests that were asked for: a file, and a part of the test's name where not the whole file counts
 */
export function judge(run, killers) {
  if ('failure' in run) return { verdict: 'invalid', detail: run.failure };
  const { report } = run;
  const broken = report.files.find((file) => file.errors.length > 0);
  if (broken !== undefined)
    return { verdict: 'invalid', detail: `${broken.file} does not load: ${said(broken.errors[0])}` };
  const asked = report.files.flatMap(({ file, tests }) =>
    tests.filter((test) => killers.some((killer) => names(killer, file, test.name))).map((test) => ({ ...test, file })),
  );
  const failed = asked.filter((test) => test.state === 'failed');
  const killer = failed.find((test) => test.errors.some(isAssertion));
  if (killer !== undefined) return { verdict: 'killed', by: { file: killer.file, test: killer.name } };
  if (failed[0] !== undefined) {
    return {
      verdict: 'invalid',
      detail: `"${failed[0].name}" failed without an assertion: ${said(failed[0].errors[0])}`,
    };
  }
  if (report.unhandled.length > 0) return { verdict: 'invalid', detail: said(report.unhandled[0]) };
  const missing = killers.find(
    (killer) => !asked.some((test) => test.state === 'passed' && names(killer, test.file, test.name)),
  );
  if (missing !== undefined) return { verdict: 'invalid', detail: `no test ran: ${described(missing)}` };
  return { verdict: 'survived' };
}

export function described({ file, test }) {
  return test === undefined ? file : `${file} › ${test}`;
}

function names(killer, file, test) {
  return killer.file === file && test.includes(killer.test ?? '');
}

function isAssertion(error) {
  return error.names.includes('AssertionError');
}

function said(error) {
  return error === undefined ? 'no reason given' : `${error.names.join(' < ')}: ${error.message}`;
}
