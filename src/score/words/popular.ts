/**
 * First labels of names that nearly every network asks for. The predecessor took the first label of a million names
 * from a list that is no longer published; this short one stands in for it, and a caller may give a longer one.
 */
export const POPULAR: ReadonlySet<string> = new Set(
  (
    'google googleapis gstatic googleusercontent googlevideo youtube ytimg facebook fbcdn instagram whatsapp twitter ' +
    'twimg linkedin microsoft windows windowsupdate live office office365 outlook skype bing msn azure azureedge ' +
    'apple icloud mzstatic aaplimg amazon amazonaws cloudfront netflix nflxvideo yahoo yimg wikipedia wikimedia ' +
    'reddit ebay paypal adobe github githubusercontent gitlab stackoverflow dropbox spotify scdn twitch pinterest ' +
    'tumblr wordpress blogspot cloudflare akamai akamaiedge akamaihd fastly edgekey edgesuite doubleclick ' +
    'googlesyndication googletagmanager googleadservices mozilla firefox ubuntu debian fedoraproject redhat oracle ' +
    'ibm intel hp dell cisco vmware salesforce zoom slack tiktok snapchat telegram baidu qq taobao alibaba weibo ' +
    'yandex mail vk samsung sony nintendo steampowered steamcommunity playstation xbox digicert letsencrypt ' +
    'verisign symantec mcafee kaspersky avast sophos'
  ).split(' '),
);
