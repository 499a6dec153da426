import type { Detector } from '../detector.js';
import { BeaconDetector } from './beacon.js';
import { BruteForceDetector } from './brute-force.js';
import { DnsTunnelDetector } from './dns-tunnel.js';
import { IcmpTunnelDetector } from './icmp-tunnel.js';
import { LateralDetector } from './lateral.js';
import { LongDetector } from './long.js';
import { NxdomainDetector } from './nxdomain.js';
import { RareDetector } from './rare.js';
import { ScanDetector } from './scan.js';
import { UploadDetector } from './upload.js';

/** Every detector, with its share of the memory. A new one is a new file and a new line. */
export function detectors(memoryBytes: number): Detector[] {
  return [
    new ScanDetector('horizontal', memoryBytes * 0.16),
    new ScanDetector('vertical', memoryBytes * 0.13),
    new BruteForceDetector(memoryBytes * 0.08),
    new LateralDetector(memoryBytes * 0.05),
    new BeaconDetector(memoryBytes * 0.28),
    new LongDetector(memoryBytes * 0.05),
    new UploadDetector(memoryBytes * 0.06),
    new IcmpTunnelDetector(memoryBytes * 0.03),
    new DnsTunnelDetector(memoryBytes * 0.12),
    new NxdomainDetector(memoryBytes * 0.04),
    new RareDetector(),
  ];
}
