// The server's half of WebSocket (RFC 6455), as far as the page needs it: text out, nothing in.
import { createHash } from "node:crypto";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function frame(code, payload) {
    const length = payload.length;
    const head =
        length < 126
            ? Buffer.from([0x80 | code, length])
            : length < 65536
              ? Buffer.from([0x80 | code, 126, length >> 8, length & 255])
              : Buffer.concat([Buffer.from([0x80 | code, 127]), Buffer.alloc(8)]);

    if (length >= 65536) {
        head.writeBigUInt64BE(BigInt(length), 2);
    }
    return Buffer.concat([head, payload]);
}

/** Answer an upgrade. The result sends texts; `onClose` runs when the other side is gone. */
export function acceptSocket(request, socket, onClose) {
    const key = createHash("sha1")
        .update(request.headers["sec-websocket-key"] + MAGIC)
        .digest("base64");

    socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            `Sec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: usenetsync.live.1\r\n\r\n`,
    );
    socket.on("close", onClose);
    socket.on("error", onClose);
    socket.on("data", (data) => {
        if ((data[0] & 15) === 8) {
            socket.end(frame(8, Buffer.alloc(0)));
        }
    });
    return {
        send: (text) => socket.write(frame(1, Buffer.from(text))),
        close: () => socket.destroy(),
    };
}
