import { startSimulator, type FaultOrder, type Simulator } from '@livetap/simulator';
import {
  SignConfig,
  WebcastWebConfigDefaults,
  type TikTokLiveConnection,
  type TikTokLiveConnectionOptions,
} from '@livetap/connector';

export type Fields = Readonly<Record<string, unknown>>;

/** A simulator with a few silent streamers, on which tests play what they need through its control API. */
export class Stage {
  private constructor(readonly simulator: Simulator) {}

  static async open(...streamers: string[]): Promise<Stage> {
    const simulator = await startSimulator();
    const stage = new Stage(simulator);
    for (const uniqueId of streamers) await stage.post('/_sim/streamers', { uniqueId, live: true, rate: 0 });
    return stage;
  }

  /** Where the TikTok and the sign server of this stage are, for one connection. */
  get options(): TikTokLiveConnectionOptions {
    const { url } = this.simulator;
    return { endpoints: { webUrl: url, webcastUrl: url, socketUrl: this.simulator.wsUrl } };
  }

  /** Points the library's own defaults at this stage, for code that names no addresses. Returns the way back. */
  redirectDefaults(): () => void {
    const { TIKTOK_HOST_WEB, TIKTOK_HOST_WEBCAST } = WebcastWebConfigDefaults;
    const { basePath } = SignConfig;
    const host = new URL(this.simulator.url).host;
    Object.assign(WebcastWebConfigDefaults, { TIKTOK_HOST_WEB: host, TIKTOK_HOST_WEBCAST: host });
    SignConfig.basePath = this.simulator.url;
    SignConfig.cachedInstance = undefined;
    return () => {
      Object.assign(WebcastWebConfigDefaults, { TIKTOK_HOST_WEB, TIKTOK_HOST_WEBCAST });
      SignConfig.basePath = basePath;
      SignConfig.cachedInstance = undefined;
    };
  }

  roomOf(uniqueId: string): string {
    return this.simulator.world.get(uniqueId).roomId;
  }

  /** Gives a streamer a new room without history. */
  freshRoom(uniqueId: string): string {
    this.simulator.world.end(uniqueId, 3, true);
    return this.simulator.world.start(uniqueId).roomId;
  }

  /** Has a message appear in a streamer's room: fields by name, or bytes. */
  async play(uniqueId: string, method: string, content: Fields | Uint8Array = {}): Promise<void> {
    const body =
      content instanceof Uint8Array ? { payload: Buffer.from(content).toString('base64') } : { fields: content };
    await this.post(`/_sim/rooms/${this.roomOf(uniqueId)}/messages`, { messages: [{ method, ...body }] });
  }

  async fault(order: FaultOrder): Promise<void> {
    await this.post('/_sim/faults', order);
  }

  /** Calls a minute that the sign server answers. */
  async quota(minute: number): Promise<void> {
    await this.post('/_sim/quota', { minute }, 'PUT');
  }

  async close(): Promise<void> {
    await this.simulator.close();
  }

  private async post(path: string, body: unknown, method = 'POST'): Promise<void> {
    const answer = await fetch(new URL(path, this.simulator.url), {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** Connects, and resolves when the server has answered "enter room" too, so that nothing played afterwards is missed. */
export async function connectFully(connection: TikTokLiveConnection): Promise<void> {
  const entered = heard(connection, 'enterRoom');
  await connection.connect();
  await entered;
}

/** The arguments of the next emission of an event. Unlike `once` of node:events, an `error` meanwhile changes nothing. */
export async function heard(connection: TikTokLiveConnection, event: string): Promise<unknown[]> {
  return await new Promise((resolve) => connection.once(event, (...args: unknown[]) => resolve(args)));
}
