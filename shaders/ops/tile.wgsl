// Which part of a product of matrices an invocation computes, and how it adds it up; src/ops/tiles.ts counts the
// invocations. The rows of the product are those that `left` brings, its columns those of `right`.
//
// Ordinarily that is a block of four rows by four columns. Where a device executes exactly four invocations at a time
// (`quads`), which is how software adapters use the registers of a CPU, those four compute sixteen rows by eight columns
// together, each eight rows by four columns. Loads are what such an adapter is slowest at, so nobody loads what a
// neighbour has: invocations side by side need the same rows, and each loads four of the eight; invocations above each
// other need the same columns, and each loads two of the four. So each has its own rows and columns in front of the
// others', and `part_of` puts them in order. Every sum still gets its terms one after the other.

import package::engine::call::row_base;
import package::layout::View;
import package::ops::block::{Block, add_ordinary, add_carefully, may_vanish, smallest, smallest_of, row_of, transposed};
import package::ops::operands::{left, right, right_halves};
@if(quads) enable subgroups;

struct Tile {
  // First rows of the block, or of the own and the other one.
  row: u32,
  @if(quads) other_row: u32,
  // The columns, in vec4s.
  column: u32,
  // 1 where the own columns are the second half.
  @if(quads) half: u32,
  // Whether anybody in the quad has something to compute.
  exists: bool,
}

// How many blocks an invocation computes.
@if(quads) const PARTS: u32 = 2u;
@if(!quads) const PARTS: u32 = 1u;

@if(quads)
fn tile_count(rows: u32, columns: u32) -> u32 {
  return (rows + 15u) / 16u * ((columns + 7u) / 8u) * 4u;
}

@if(!quads)
fn tile_count(rows: u32, columns: u32) -> u32 {
  return (rows + 3u) / 4u * ((columns + 3u) / 4u);
}

@if(quads)
fn tile_of(index: u32, rows: u32, columns: u32) -> Tile {
  let in_row = (columns + 7u) / 8u;
  let quad = index / 4u;
  let first = quad / in_row * 16u;
  let side = index % 2u;
  let half = index / 2u % 2u;
  let row = first + half * 8u;
  return Tile(row + side * 4u, row + 4u - side * 4u, quad % in_row * 2u + side, half, first < rows);
}

@if(!quads)
fn tile_of(index: u32, rows: u32, columns: u32) -> Tile {
  let in_row = (columns + 3u) / 4u;
  let row = index / in_row * 4u;
  return Tile(row, index % in_row, row < rows);
}

// A tile of which only the first row exists, four columns wide.
@if(quads)
fn tile_of_row(column: u32) -> Tile {
  return Tile(0u, 4u, column, 0u, true);
}

@if(!quads)
fn tile_of_row(column: u32) -> Tile {
  return Tile(0u, column, true);
}

// Of four numbers that begin at `first`, how many are below `end`.
fn remaining(first: u32, end: u32) -> u32 {
  return min(4u, max(first, end) - first);
}

@if(quads)
fn part_row(tile: Tile, part: u32) -> u32 {
  return select(tile.other_row, tile.row, part == 0u);
}

@if(!quads)
fn part_row(tile: Tile, part: u32) -> u32 {
  return tile.row;
}

// --- Loading ---

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

// Where four consecutive rows of a matrix start; from `end` on, the last row before it is repeated.
fn row_bases(view: View, lane: u32, row: u32, end: u32) -> vec4<u32> {
  return row_base(view, lane, 0u) + min(row + STEPS, vec4<u32>(end - 1u)) * (view.row_stride / 4u);
}

// A vec4 from each of four places in `left`, and in `right`.
fn load_left(at: vec4<u32>, k: u32) -> Block {
  return Block(left[at.x + k], left[at.y + k], left[at.z + k], left[at.w + k]);
}

fn load_right(at: vec4<u32>, k: u32) -> Block {
  return Block(right[at.x + k], right[at.y + k], right[at.z + k], right[at.w + k]);
}

// What an invocation loads of the columns at one term, and at four.
@if(quads) alias Columns = vec2<f32>;
@if(!quads) alias Columns = vec4<f32>;

struct ColumnTerms {
  term0: Columns,
  term1: Columns,
  term2: Columns,
  term3: Columns,
}

// The columns lie side by side in a vec4 of `right`.
@if(quads)
fn columns_at(tile: Tile, at: u32) -> Columns {
  return right_halves[at * 2u + tile.half];
}

@if(!quads)
fn columns_at(tile: Tile, at: u32) -> Columns {
  return right[at];
}

// The same for four terms, `stride` apart.
fn columns_down(tile: Tile, at: u32, stride: u32) -> ColumnTerms {
  return ColumnTerms(
    columns_at(tile, at),
    columns_at(tile, at + stride),
    columns_at(tile, at + 2u * stride),
    columns_at(tile, at + 3u * stride),
  );
}

// Each column is a row of `right`, of which vec4 `k` holds four terms.
@if(quads)
fn columns_along(tile: Tile, at: vec4<u32>, k: u32) -> ColumnTerms {
  let own = select(at.xy, at.zw, tile.half == 1u);
  let a = right[own.x + k];
  let b = right[own.y + k];
  return ColumnTerms(vec2<f32>(a.x, b.x), vec2<f32>(a.y, b.y), vec2<f32>(a.z, b.z), vec2<f32>(a.w, b.w));
}

@if(!quads)
fn columns_along(tile: Tile, at: vec4<u32>, k: u32) -> ColumnTerms {
  let b = transposed(load_right(at, k));
  return ColumnTerms(b.row0, b.row1, b.row2, b.row3);
}

// Term `i`, where i is not known before.
fn term_of(c: ColumnTerms, i: u32) -> Columns {
  return select(select(c.term2, c.term3, i == 3u), select(c.term0, c.term1, i == 1u), i < 2u);
}

// --- Adding up ---

@if(quads)
struct Sums {
  own: Block,
  other: Block,
}

@if(!quads)
struct Sums {
  at: Block,
  // Set once a term was so small that products or sums may have to be flushed, where the device does not do it.
  careful: bool,
}

// What the neighbour at the side loaded of the rows, and the one above or below of the columns. Quads are whole wherever
// these are called, although the compiler cannot know it.
@if(quads)
@diagnostic(off, subgroup_uniformity)
fn beside(own: vec4<f32>) -> vec4<f32> {
  return quadSwapX(own);
}

@if(quads)
@diagnostic(off, subgroup_uniformity)
fn all_columns(own: Columns) -> vec4<f32> {
  return vec4<f32>(own, quadSwapY(own));
}

// The sums plus the outer product of `a`, a number for each of the (own) rows, and the columns.
@if(quads)
fn add_outer(sums: Sums, a: vec4<f32>, columns: Columns) -> Sums {
  let b = all_columns(columns);
  return Sums(add_ordinary(sums.own, a, b), add_ordinary(sums.other, beside(a), b));
}

@if(native_ftz && !quads)
fn add_outer(sums: Sums, a: vec4<f32>, b: Columns) -> Sums {
  return Sums(add_ordinary(sums.at, a, b), false);
}

// As long as all products that are not zero are 2^-100 or larger, products and sums are multiples of 2^-123, so there
// is nothing to flush (src/ops/matmul.ts rests on the same). From the first smaller one on, every operation is checked.
@if(!native_ftz && !quads)
fn add_outer(sums: Sums, a: vec4<f32>, b: Columns) -> Sums {
  if (sums.careful || may_vanish(smallest(a), smallest(b))) {
    return Sums(add_carefully(sums.at, a, b), true);
  }
  return Sums(add_ordinary(sums.at, a, b), false);
}

// The sums plus four outer products, of the rows of `a`, which are terms, with those of the columns, in this order.
@if(quads || native_ftz)
fn add_four(sums: Sums, a: Block, b: ColumnTerms) -> Sums {
  return add_four_ordinary(sums, a, b);
}

@if(!native_ftz && !quads)
fn add_four(sums: Sums, a: Block, b: ColumnTerms) -> Sums {
  let columns = Block(b.term0, b.term1, b.term2, b.term3);
  if (sums.careful || may_vanish(smallest_of(a), smallest_of(columns))) {
    var at = sums.at;
    for (var i = 0u; i < 4u; i++) {
      at = add_carefully(at, row_of(a, i), row_of(columns, i));
    }
    return Sums(at, true);
  }
  return add_four_ordinary(sums, a, b);
}

@if(quads)
fn add_four_ordinary(sums: Sums, a: Block, b: ColumnTerms) -> Sums {
  let sums0 = add_outer(sums, a.row0, b.term0);
  let sums1 = add_outer(sums0, a.row1, b.term1);
  let sums2 = add_outer(sums1, a.row2, b.term2);
  return add_outer(sums2, a.row3, b.term3);
}

@if(!quads)
fn add_four_ordinary(sums: Sums, a: Block, b: ColumnTerms) -> Sums {
  let at0 = add_ordinary(sums.at, a.row0, b.term0);
  let at1 = add_ordinary(at0, a.row1, b.term1);
  let at2 = add_ordinary(at1, a.row2, b.term2);
  return Sums(add_ordinary(at2, a.row3, b.term3), false);
}

// Sums that were made in another way (ops/accumulated.wgsl).
@if(!quads)
fn sums_of(b: Block) -> Sums {
  return Sums(b, false);
}

// Sums for `tile_of_row`.
@if(quads)
fn sums_of_row(row: vec4<f32>) -> Sums {
  var sums = Sums();
  sums.own.row0 = row;
  return sums;
}

@if(!quads)
fn sums_of_row(row: vec4<f32>) -> Sums {
  var sums = Sums();
  sums.at.row0 = row;
  return sums;
}

// The block of a part, its columns in order.
@if(quads)
fn part_of(sums: Sums, tile: Tile, part: u32) -> Block {
  let first = part == 0u;
  let swapped = tile.half == 1u;
  return Block(
    in_order(select(sums.other.row0, sums.own.row0, first), swapped),
    in_order(select(sums.other.row1, sums.own.row1, first), swapped),
    in_order(select(sums.other.row2, sums.own.row2, first), swapped),
    in_order(select(sums.other.row3, sums.own.row3, first), swapped),
  );
}

@if(quads)
fn in_order(v: vec4<f32>, swapped: bool) -> vec4<f32> {
  return select(v, v.zwxy, swapped);
}

@if(!quads)
fn part_of(sums: Sums, tile: Tile, part: u32) -> Block {
  return sums.at;
}
