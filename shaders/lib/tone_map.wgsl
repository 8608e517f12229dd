// High dynamic range to SDR (docs/media.md): PQ or HLG codes to light, HLG by its display function for 1000 cd/m2; BT.2020
// primaries to BT.709; light above the knee bent by the Moebius curve of ffmpeg's tonemap filter, so that 1000 cd/m2 just
// fits; back to codes by BT.1886. Light is in units of 203 cd/m2, the diffuse white of ITU-R BT.2408.
const REFERENCE_WHITE = 203.0;
const TONE_PEAK = 1000.0 / REFERENCE_WHITE;
const TONE_KNEE = 0.3;

fn light_of_pq(code: vec3f) -> vec3f {
  let power = pow(code, vec3f(1.0 / 78.84375));
  let light = max(power - 0.8359375, vec3f(0.0)) / (18.8515625 - 18.6875 * power);
  return pow(light, vec3f(1.0 / 0.1593017578125)) * (10000.0 / REFERENCE_WHITE);
}

fn light_of_hlg(code: vec3f) -> vec3f {
  let high = (exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12.0;
  let scene = select(high, code * code / 3.0, code <= vec3f(0.5));
  let luminance = dot(scene, vec3f(0.2627, 0.678, 0.0593));
  return scene * pow(luminance, 0.2) * TONE_PEAK;
}

fn toned(light: vec3f) -> vec3f {
  let brightest = max(max(light.x, light.y), max(light.z, 1e-6));
  if (brightest <= TONE_KNEE) { return light; }
  let a = -TONE_KNEE * TONE_KNEE * (TONE_PEAK - 1.0) / (TONE_KNEE * TONE_KNEE - 2.0 * TONE_KNEE + TONE_PEAK);
  let b = (TONE_KNEE * TONE_KNEE - 2.0 * TONE_KNEE * TONE_PEAK + TONE_PEAK) / (TONE_PEAK - 1.0);
  let slope = (b * b + 2.0 * b * TONE_KNEE + TONE_KNEE * TONE_KNEE) / (b - a);
  return light * (slope * (brightest + a) / (brightest + b) / brightest);
}

// Codes 0..255 of PQ or HLG to codes 0..255 of SDR.
fn tone_map(code: vec3f, is_pq: bool) -> vec3f {
  var light: vec3f;
  if (is_pq) { light = light_of_pq(code / 255.0); } else { light = light_of_hlg(code / 255.0); }
  // Columns: what each BT.2020 primary is in BT.709 (ITU-R BT.2087).
  let narrow = mat3x3f(
    vec3f(1.660491, -0.124550, -0.018151),
    vec3f(-0.587641, 1.132900, -0.100579),
    vec3f(-0.072850, -0.008349, 1.118730),
  ) * light;
  return pow(clamp(toned(narrow), vec3f(0.0), vec3f(1.0)), vec3f(1.0 / 2.4)) * 255.0;
}
