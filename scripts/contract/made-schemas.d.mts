/** The sources of the contract's interfaces: path → text. */
export function contractSources(): Map<string, string>;
/** JSON Schemas of the contract's interfaces. @throws Error when a member has no docstring, or its type no rule */
export class MadeSchemas {
  constructor(sources?: ReadonlyMap<string, string>);
}
