package io.switchboard.store.redis;

import java.nio.file.Path;

class TwoNodesOnClusterTest extends TwoNodesTest {
    @Override
    Ground start(Path folder) {
        return Ground.cluster(folder);
    }
}
