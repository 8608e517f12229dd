// Texts that make ffmpeg open other files or connect to other machines, each to be put under a video's name.
export interface Bait {
  /** Absolute path of a video that must not be opened. */
  readonly video: string;
  /** Of a server on this machine that must not be asked: "127.0.0.1:8080". */
  readonly server: string;
}

export function playlists({ video, server }: Bait): ReadonlyMap<string, string> {
  const name = video.slice(video.lastIndexOf("/") + 1);
  const segments = (...urls: string[]): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${urls.map((url) => `#EXTINF:2,\n${url}\n`).join("")}#EXT-X-ENDLIST\n`;
  const dash = (url: string): string =>
    `<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>\n`;
  return new Map([
    ["hls http.mp4", segments(`http://${server}/hls.ts`)],
    ["hls absolute.mp4", segments(`file://${video}`)],
    ["hls relative.mp4", segments(name)],
    ["hls concat.mp4", segments(`concat:http://${server}/take?|${video}`)],
    ["hls subfile.mp4", segments(`subfile,,start,0,end,64,,:${video}`)],
    ["dash http.mp4", dash(`http://${server}/dash.mp4`)],
    ["dash local.mp4", dash(name)],
    ["ffconcat absolute.mp4", `ffconcat version 1.0\nfile '${video}'\n`],
    ["ffconcat relative.mp4", `ffconcat version 1.0\nfile '${name}'\n`],
    ["ffconcat http.mp4", `ffconcat version 1.0\nfile 'http://${server}/concat.mp4'\n`],
    [
      "sdp.mp4",
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    ],
    [
      "smooth.mp4",
      `<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="http://${server}/s"/></SmoothStreamingMedia>\n`,
    ],
    ["list.mp4", `[playlist]\nFile1=${video}\nNumberOfEntries=1\n`],
    ["lines.mp4", `${video}\nhttp://${server}/lines.mp4\n`],
  ]);
}
