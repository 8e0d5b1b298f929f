import { fork } from 'node:child_process';

/** A program that is talked to; what it says is kept until it is asked for. */
export class Child {
  #process;
  #said = [];
  #waiting = [];
  #ended;

  constructor(script, args, { execArgv = [], env = process.env } = {}) {
    this.#process = fork(script, args, { execArgv, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process.on('message', (message) => {
      this.#said.push(message);
      this.#match();
    });
    this.#ended = new Promise((resolve) =>
      this.#process.once('exit', (code) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${script} ended with ${code}`));
        resolve();
      }),
    );
  }

  /** The next message that has this member. */
  says(member) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ member, resolve, reject });
      this.#match();
    });
  }

  tell(message) {
    this.#process.send(message);
  }

  end() {
    if (this.#process.connected) this.#process.disconnect();
    return this.#ended;
  }

  #match() {
    for (const waiting of [...this.#waiting]) {
      const at = this.#said.findIndex((message) => waiting.member in message);
      if (at < 0) continue;
      const [message] = this.#said.splice(at, 1);
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(message);
    }
  }
}
