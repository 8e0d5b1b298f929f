// Checks what can be checked of the container files and Kubernetes manifests without an engine: they parse, they fit together,
// and they say nothing that the settings' schema does not know. (.ci/kubernetes.sh holds the manifests against the API.)
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { SERVICE_FLAGS } from './lib/service-flags.mjs';
import { root } from './lib/setup.mjs';

const problems = [];
const expect = (ok, sentence) => ok || problems.push(sentence);

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'));
for (const name of ['watcher', 'kafka', 'postgres'])
  expect(compose.services[name], `docker-compose.yml has no service ${name}`);
const { watcher, kafka } = compose.services;
for (const dependency of Object.keys(watcher.depends_on)) {
  expect(compose.services[dependency]?.healthcheck, `watcher waits for ${dependency}, which has no health check`);
}
expect(watcher.environment.KAFKA_BROKERS === 'kafka:9092', 'the watcher must reach the broker under its service name');
expect(
  kafka.environment.KAFKA_ADVERTISED_LISTENERS.includes('kafka:9092'),
  'the broker must advertise the address that the watcher uses',
);
expect(kafka.environment.KAFKA_PROCESS_ROLES.includes('controller'), 'the broker must run in KRaft mode');
for (const service of Object.values(compose.services)) {
  for (const volume of service.volumes ?? [])
    expect(volume.split(':')[0] in compose.volumes, `volume ${volume} is not declared`);
}
const documented = readFileSync(join(root, 'docs/config.md'), 'utf8');
for (const name of Object.keys(watcher.environment))
  expect(documented.includes(`\`${name}\``), `docker-compose.yml sets ${name}, which is no setting`);

const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
const stages = lines.filter((line) => line.startsWith('FROM '));
expect(
  stages.length === 2 && stages.every((line) => line.includes('node:24')),
  'the image is built in two stages on Node 24',
);
const start = ['node', ...SERVICE_FLAGS];
expect(
  lines.includes(`CMD ${JSON.stringify([...start, 'apps/watcher/dist/main.js']).replaceAll(',', ', ')}`),
  `the image must start the service with ${start.join(' ')}`,
);
expect(
  readFileSync(join(root, '.ci/dockerfile-steps.sh'), 'utf8').includes(`${start.join(' ')} apps/watcher/dist/main.js`),
  `.ci/dockerfile-steps.sh must start the service as the image does`,
);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const name of ['start', 'demo'])
  expect(scripts[name].startsWith(start.join(' ')), `npm run ${name} must start the service with ${start.join(' ')}`);
const user = lines.findLastIndex((line) => line.startsWith('USER '));
expect(
  user > lines.lastIndexOf(stages[1]) && !/USER (root|0)/.test(lines[user] ?? ''),
  'the image must run as a user without rights',
);
for (const line of lines.filter((text) => text.startsWith('COPY ') && !text.includes('--from'))) {
  for (const source of line.split(/\s+/).slice(1, -1))
    expect(existsSync(join(root, source)), `the Dockerfile copies ${source}, which is not there`);
}
for (const workspace of JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[''].workspaces) {
  const folder = workspace.replace('/*', '');
  expect(
    lines.some((line) => line.includes(`${folder}/`)),
    `the Dockerfile does not copy the manifests of ${folder}`,
  );
}

const manifests = ['livetap.yaml', 'journal-drain.yaml'].flatMap((file) =>
  parseAllDocuments(readFileSync(join(root, 'deploy/kubernetes', file), 'utf8')).map((document) => document.toJS()),
);
const manifest = (kind, name) => manifests.find((each) => each.kind === kind && each.metadata.name === name);
const settings = {
  ...manifest('ConfigMap', 'livetap').data,
  ...manifest('Secret', 'livetap').stringData,
};
for (const name of Object.keys(settings))
  expect(documented.includes(`\`${name}\``), `deploy/kubernetes sets ${name}, which is no setting`);
const replicas = manifest('StatefulSet', 'livetap').spec;
const drainJob = manifest('Job', 'livetap-journal-drain').spec.template.spec;
const pod = replicas.template.spec;
expect(
  pod.terminationGracePeriodSeconds * 1_000 > Number(settings.LIVETAP_SHUTDOWN_TIMEOUT_MS),
  'a pod must not be killed before its orderly stop has ended',
);
expect(
  drainJob.containers[0].image === pod.containers[0].image,
  'the journal is drained by another image than it was written by',
);
for (const { containers } of [pod, drainJob]) {
  expect(
    containers[0].volumeMounts.some(({ mountPath }) => mountPath === settings.LIVETAP_DATA_DIR),
    'LIVETAP_DATA_DIR is not on the volume',
  );
}
const gibibytes = Number(/^(\d+)Gi$/.exec(replicas.volumeClaimTemplates[0].spec.resources.requests.storage)?.[1]);
expect(
  Number(settings.LIVETAP_JOURNAL_MAX_BYTES) <= 0.75 * gibibytes * 1024 ** 3,
  'the journal may fill more than three quarters of its volume',
);
expect(existsSync(join(root, drainJob.containers[0].command[1])), 'the command line of the drain is not there');

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`container files: ${problems.length} problems\n`);
process.exit(problems.length ? 1 : 0);
