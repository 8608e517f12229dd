// Writes an ONNX file: a small builder over the few messages of onnx.proto3 that a graph with weights needs (field
// numbers from github.com/onnx/onnx). Deterministic: same graph, same bytes.
import protobuf from "protobufjs";

const opset = 17;
const float = 1;
const uint8 = 2;
const int64 = 7;

const schema = protobuf.parse(`
  syntax = "proto3";
  message OperatorSet { string domain = 1; int64 version = 2; }
  message Attribute {
    string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20;
  }
  message Node { repeated string input = 1; repeated string output = 2; string name = 3; string opType = 4; repeated Attribute attribute = 5; }
  message Tensor { repeated int64 dims = 1; int32 dataType = 2; string name = 8; bytes rawData = 9; }
  message Dimension { oneof value { int64 size = 1; string symbol = 2; } }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { int32 elemType = 1; Shape shape = 2; }
  message Type { TensorType tensorType = 1; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
  message Model { int64 irVersion = 1; string producerName = 2; string docString = 6; Graph graph = 7; repeated OperatorSet opsetImport = 8; }
`).root;

/** An input or output. A dimension that is a string is free, under that name. */
export interface GraphEdge {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  /** Default "float32". */
  readonly type?: "float32" | "uint8";
}

export type AttributeValue = number | { readonly float: number } | readonly number[];

/** Collects the nodes and weights of a graph; every method returns the name of the value it made. */
export class GraphBuilder {
  readonly #nodes: object[] = [];
  readonly #weights: object[] = [];

  /** A constant tensor of f32. */
  weights(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (values.length !== count) throw new Error(`${name}: ${values.length} values for ${dims.join("x")}`);
    const rawData = new Uint8Array(count * 4);
    const view = new DataView(rawData.buffer);
    for (let i = 0; i < count; i++) view.setFloat32(i * 4, values[i]!, true);
    this.#weights.push({ name, dims, dataType: float, rawData });
    return name;
  }

  /** A constant tensor of int64 (shapes, axes). */
  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(values.length * 8);
    const view = new DataView(rawData.buffer);
    values.forEach((value, i) => {
      view.setBigInt64(i * 8, BigInt(value), true);
    });
    this.#weights.push({ name, dims: [values.length], dataType: int64, rawData });
    return name;
  }

  node(
    output: string,
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      typeof value === "number"
        ? { name, i: value, type: 2 }
        : "float" in value
          ? { name, f: value.float, type: 1 }
          : { name, ints: value, type: 7 },
    );
    this.#nodes.push({ input, output: [output], name: output, opType, attribute });
    return output;
  }

  /** The bytes of the model. */
  build(name: string, docString: string, input: GraphEdge, output: GraphEdge): Uint8Array {
    const valueInfo = (value: GraphEdge) => ({
      name: value.name,
      type: {
        tensorType: {
          elemType: value.type === "uint8" ? uint8 : float,
          shape: {
            dim: value.dims.map((dim) => (typeof dim === "number" ? { size: dim } : { symbol: dim })),
          },
        },
      },
    });
    const model = schema.lookupType("Model");
    return model
      .encode(
        model.create({
          irVersion: 8,
          producerName: "clipsieve",
          docString,
          graph: {
            name,
            node: this.#nodes,
            initializer: this.#weights,
            input: [valueInfo(input)],
            output: [valueInfo(output)],
          },
          opsetImport: [{ domain: "", version: opset }],
        }),
      )
      .finish();
  }
}
