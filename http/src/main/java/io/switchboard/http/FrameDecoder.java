package io.switchboard.http;

import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** Netty's decoder of masked frames; it tells what it holds of a frame that is not whole yet. */
final class FrameDecoder extends WebSocket13FrameDecoder {
    /** @param extensions whether the reserved bits may mean something, which is checked behind it */
    FrameDecoder(int payloadBytesMax, boolean extensions) {
        super(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(extensions)
                .maxFramePayloadLength(payloadBytesMax)
                .closeOnProtocolViolation(false) // who stands behind it does
                .withUTF8Validator(false)
                .build());
    }

    /** Bytes that have arrived and not been passed on. */
    int held() {
        return actualReadableBytes();
    }
}
