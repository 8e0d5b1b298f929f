import { describe, expect, it } from 'vitest';
import { WebcastCookieJar } from './cookie-jar.js';

const WEB = 'https://www.tiktok.com/';

describe('WebcastCookieJar', () => {
  it('shares cookies between TikTok hosts and sends values back byte for byte', () => {
    const jar = new WebcastCookieJar();
    jar.acceptResponse(WEB, [
      'ttwid=1%7Cab+/=c==; Domain=.tiktok.com; Path=/; Secure; HttpOnly',
      'msToken=x=y; Path=/api',
    ]);
    expect(jar.getCookieString('https://webcast.tiktok.com/webcast/room/info/')).toBe(
      'ttwid=1%7Cab+/=c==; msToken=x=y',
    );
    expect(jar.getCookieString('wss://webcast-ws.eu.tiktok.com/x')).toBe('ttwid=1%7Cab+/=c==; msToken=x=y');
  });

  it('gives nothing to other hosts, and nothing in clear', () => {
    const jar = new WebcastCookieJar();
    jar.set('sessionid', 'secret');
    for (const url of [
      'https://tiktok.com.evil.example/',
      'https://eviltiktok.com/',
      'https://tiktok.eulerstream.com/',
      'http://www.tiktok.com/',
      'ws://webcast-ws.tiktok.com/',
      'http://127.0.0.1:9/',
    ])
      expect(jar.getCookieString(url)).toBe('');
  });

  it('takes no cookies from other hosts', () => {
    const jar = new WebcastCookieJar();
    jar.acceptResponse('https://tiktok.eulerstream.com/webcast/fetch', ['sessionid=planted; Domain=tiktok.com']);
    expect(jar.getCookieString(WEB)).toBe('');
  });

  it('speaks to this computer in clear when that is where TikTok is configured to be', () => {
    const jar = new WebcastCookieJar({
      webUrl: 'http://127.0.0.1:4001',
      webcastUrl: 'http://127.0.0.1:4001',
      socketUrl: 'ws://127.0.0.1:4001',
    });
    jar.acceptResponse('http://127.0.0.1:4001/', ['ttwid=1; Secure; Domain=.tiktok.com']);
    expect(jar.getCookieString('ws://127.0.0.1:4002/push')).toBe('ttwid=1');
  });

  it('forgets what has expired or was removed', () => {
    const jar = new WebcastCookieJar();
    jar.acceptResponse(WEB, ['a=1', 'b=2', 'c=3']);
    jar.acceptResponse(WEB, ['a=; Max-Age=0', 'b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.getCookieString(WEB)).toBe('c=3');
  });

  it.each([
    ['ttwid=1; Path=/; Domain=.tiktok.com', 'ttwid=1'],
    ['ttwid=1; Path=/; Domain=.tiktok.com, msToken=abc; Path=/; Secure', 'ttwid=1; msToken=abc'],
    ['ttwid=1; msToken=abc; Path=/', 'ttwid=1; msToken=abc'],
    ['ttwid=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Path=/', 'ttwid=1'],
    ['ttwid=1; Max-Age=3600; HttpOnly; SameSite=None; msToken=abc', 'ttwid=1; msToken=abc'],
  ])('reads several cookies out of one header: %s', (header, expected) => {
    const jar = new WebcastCookieJar();
    jar.processSetCookieHeader(header);
    expect(jar.getCookieString(WEB)).toBe(expected);
  });

  it('keeps a login whole, and has none when a part is missing', () => {
    const jar = new WebcastCookieJar();
    expect(jar.getSessionBundle()).toBeNull();
    jar.set('sessionid', 'abc');
    expect(jar.getSessionBundle()).toBeNull();
    const bundle = { type: 'cookie', value: { sessionId: 'a=b', ttTargetIdc: 'useast1a' } } as const;
    jar.setSessionBundle(bundle);
    expect(jar.getSessionBundle()).toEqual(bundle);
    expect(jar.getCookieString(WEB)).toBe(
      'sessionid=a=b; sessionid_ss=a=b; sid_tt=a=b; sid_guard=a=b; tt-target-idc=useast1a',
    );
    expect(() => jar.setSessionBundle({ type: 'oAuthToken', value: 'x' } as never)).toThrow(TypeError);
  });

  it('a cookie that is set anew keeps its place; one that was removed comes last', () => {
    const jar = new WebcastCookieJar();
    jar.acceptResponse(WEB, ['a=1', 'b=2', 'nameless']);
    jar.acceptResponse(WEB, ['a=3', 'other']);
    expect(jar.getCookieString(WEB)).toBe('a=3; b=2; other');
    jar.delete('a');
    jar.set('a', '4');
    expect(jar.getCookieString(WEB)).toBe('b=2; other; a=4');
    expect([jar.get('a'), jar.get('b'), jar.get(''), jar.get('c')]).toEqual(['4', '2', 'other', undefined]);
  });

  it('takes cookies as servers write them, and leaves out what is none', () => {
    const jar = new WebcastCookieJar();
    jar.acceptResponse(WEB, ['', '  quoted="a b" ; Path=/x; HttpOnly', 'bad=\u0001', 'long=1; Max-Age=99999999999999']);
    expect(jar.getCookieString(WEB)).toBe('quoted="a b"; long=1');
  });

  it('begins with the cookies of another, and goes its own way', () => {
    const first = new WebcastCookieJar();
    first.set('a', '1');
    const second = new WebcastCookieJar({}, undefined, first);
    second.set('b', '2');
    first.set('a', '3');
    expect([first.getCookieString(WEB), second.getCookieString(WEB)]).toEqual(['a=3', 'a=1; b=2']);
  });

  it('is bounded', () => {
    const jar = new WebcastCookieJar();
    for (let n = 0; n < 1000; n += 1) jar.set(`c${n}`, 'x');
    jar.set('huge', 'x'.repeat(100_000));
    expect(jar.getCookieString(WEB).split('; ')).toHaveLength(150);
  });
});
