/** Which methods exist at which address, so that a wrong method can be told from a wrong address. */
export class RouteTable {
  private readonly routes: { readonly pattern: RegExp; readonly path: string; readonly methods: Set<string> }[] = [];

  /** Takes a route as the router knows it: `/v1/streamers/:uniqueId`, `/assets/*`. */
  add(path: string, methods: string | readonly string[]): void {
    const known = this.routes.find((route) => route.path === path);
    const list = [methods].flat();
    if (known) list.forEach((method) => known.methods.add(method));
    else this.routes.push({ path, pattern: patternOf(path), methods: new Set(list) });
  }

  /** Methods of all routes that match the path of a request, in alphabetical order; empty when there is none. */
  methodsOf(path: string): readonly string[] {
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }

  /** Every route, as `[path, methods]`. */
  list(): readonly (readonly [string, readonly string[]])[] {
    return this.routes.map(({ path, methods }) => [path, [...methods].sort()] as const);
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => {
      if (part.startsWith(':')) return '[^/]+';
      return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
