// Reporter for vitest: writes what each test said to the file named by LIVETAP_MUTANTS_REPORT, errors with their causes.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class MutantReporter {
  onTestRunEnd(modules, unhandled) {
    const report = {
      files: modules.map((module) => ({
        file: relative(process.cwd(), module.moduleId).replaceAll('\\', '/'),
        errors: [...module.errors(), ...suiteErrors(module)].map(plain),
        tests: [...module.children.allTests()].map((test) => ({
          name: test.fullName,
          state: test.result().state,
          errors: (test.result().errors ?? []).map(plain),
        })),
      })),
      unhandled: unhandled.map(plain),
    };
    writeFileSync(process.env.LIVETAP_MUTANTS_REPORT, JSON.stringify(report));
  }
}

function suiteErrors(module) {
  return [...module.children.allSuites()].flatMap((suite) => suite.errors());
}

/** An error as data. `names`: its own name and those of its causes: a property test wraps the assertion that failed. */
function plain(error) {
  const names = [];
  for (let at = error, depth = 0; at !== null && typeof at === 'object' && depth < 8; at = at.cause, depth += 1)
    names.push(String(at.name));
  return { names, message: String(error?.message ?? error).split('\n')[0] };
}
