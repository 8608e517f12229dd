// The sums of an 8 x 8 tile in registers: sR and tR hold row R with the first and the last four columns. They have names, as
// arrays would spill. dot_step.wgsl adds to them.
  var s0 = vec4f();
  var t0 = vec4f();
  var s1 = vec4f();
  var t1 = vec4f();
  var s2 = vec4f();
  var t2 = vec4f();
  var s3 = vec4f();
  var t3 = vec4f();
  var s4 = vec4f();
  var t4 = vec4f();
  var s5 = vec4f();
  var t5 = vec4f();
  var s6 = vec4f();
  var t6 = vec4f();
  var s7 = vec4f();
  var t7 = vec4f();
