// A sound of the pages, made by the browser.

/** Play a tone of so many hertz, from a time of the audio context on, for so many seconds. */
export function playTone(audio, frequency, begin, seconds, loudness) {
  const tone = new OscillatorNode(audio, { frequency });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(loudness, begin);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start(begin);
  tone.stop(begin + seconds);
}
