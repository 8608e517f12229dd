// One dimension of an 8 x 8 tile, added to the sums of dot_sums.wgsl: 8 rows of a panel of `left` and 8 of a panel of `right`
// (layout: panel_pack.wgsl), at the indices `l` and `r`, which move on to the next dimension.
// LANES8 is for adapters whose subgroups are 8 consecutive invocations with one `r` among them: each loads one of the 8
// right rows and all get it by broadcast, as loads are what costs there. `lane8` is the place in the subgroup.
let a = left[l];
let b = left[l + 1];
#ifdef LANES8
let value = right[r + lane8 / 4][lane8 % 4];
let c = vec4f(
  subgroupBroadcast(value, 0u),
  subgroupBroadcast(value, 1u),
  subgroupBroadcast(value, 2u),
  subgroupBroadcast(value, 3u),
);
let d = vec4f(
  subgroupBroadcast(value, 4u),
  subgroupBroadcast(value, 5u),
  subgroupBroadcast(value, 6u),
  subgroupBroadcast(value, 7u),
);
#else
let c = right[r];
let d = right[r + 1];
#endif
s0 += a.x * c;
t0 += a.x * d;
s1 += a.y * c;
t1 += a.y * d;
s2 += a.z * c;
t2 += a.z * d;
s3 += a.w * c;
t3 += a.w * d;
s4 += b.x * c;
t4 += b.x * d;
s5 += b.y * c;
t5 += b.y * d;
s6 += b.z * c;
t6 += b.z * d;
s7 += b.w * c;
t7 += b.w * d;
l += 16;
r += 16;
