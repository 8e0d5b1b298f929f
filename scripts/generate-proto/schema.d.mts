/** A field as declared in proto/webcast, with the options that concern its name and form. */
export interface SchemaField {
  readonly name: string;
  readonly number: number;
  readonly kind: 'scalar' | 'enum' | 'message';
  readonly type: string;
  readonly repeated: boolean;
  readonly mapKey: string | undefined;
  readonly optional: boolean;
  readonly oneof: string | undefined;
  readonly asNumber: boolean;
  readonly v3Name: string;
}

export interface SchemaMessage {
  readonly name: string;
  readonly methods: readonly string[];
  readonly v3Name: string;
  readonly fields: readonly SchemaField[];
}

export interface SchemaEnum {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly number: number }[];
}

export interface SchemaFile {
  readonly name: string;
  readonly about: string;
  readonly messages: readonly SchemaMessage[];
  readonly enums: readonly SchemaEnum[];
}

export function loadSchema(folder: string): { readonly files: readonly SchemaFile[] };
