import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const KAFKA_VERSION = '4.1.1';
/** src/kafka and dist/kafka are equally deep in the repository. */
const CACHE = fileURLToPath(new URL(`../../../../.cache/kafka-${KAFKA_VERSION}/`, import.meta.url));
const MAVEN_TIMEOUT_MS = 300_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>livetap</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/**
 * The folder with Kafka's jars, fetched by Maven once for each clone. Several processes may ask at the same time: each
 * fetches into a folder of its own and the first one to finish names it.
 * @throws when Maven fails
 */
export async function kafkaJars(): Promise<string> {
  const libs = join(CACHE, 'libs');
  if (await hasFiles(libs)) return libs;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'fetch-'));
  try {
    await writeFile(join(work, 'pom.xml'), POM);
    await promisify(execFile)(
      'mvn',
      [
        '-B',
        '-q',
        '-f',
        join(work, 'pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${join(work, 'libs')}`,
      ],
      {
        timeout: MAVEN_TIMEOUT_MS,
      },
    );
    try {
      await rename(join(work, 'libs'), libs);
    } catch (error) {
      if (!(await hasFiles(libs))) throw error;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return libs;
}

async function hasFiles(directory: string): Promise<boolean> {
  return readdir(directory).then(
    (names) => names.length > 0,
    () => false,
  );
}

/** Whether a program answers to the given argument. */
export async function runs(program: string, argument: string): Promise<boolean> {
  return promisify(execFile)(program, [argument], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}
